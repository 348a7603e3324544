/* Looks certificates up in what is trusted. */
#include "healthcheck/tls/trust.h"

#include "healthcheck/tls/pem.h"
#include "pith/diag.h"
#include "pith/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BUNDLE_MAX = 16 * 1024 * 1024, /* many times the largest there is: devices can be read without end */
    FOLDER_MAX = 4 * 1024 * 1024,  /* decoded; it is kept in memory */
};

/* Where images keep it: Debian, distroless, Alpine; Alpine's other name and the BSDs'; Fedora; openSUSE. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
};

static bool open_file(struct trust *trust, const char *path)
{
    trust->path = path;
    trust->fd = file_open(path, O_RDONLY | O_NONBLOCK, 0);
    return trust->fd >= 0;
}

/* The first that is there. A bundle that is there and cannot be read is no reason to trust another one. */
static bool open_bundle(struct trust *trust)
{
    for (size_t i = 0; i < sizeof bundles / sizeof bundles[0]; i++)
        if (open_file(trust, bundles[i]) || errno != ENOENT)
            return trust->fd >= 0;
    return false;
}

/* Decodes up to LIMIT bytes of a certificate. */
static struct der decode(struct trust *trust, struct span base64, size_t limit)
{
    return (struct der){ trust->der, pem_decode(base64, trust->der, limit) };
}

static bool may_be(struct trust *trust, struct span base64, struct der name)
{
    enum { NAME_WITHIN = 512 }; /* most names end within this many bytes, and nearly all are the wrong one */
    struct der subject, certificate = decode(trust, base64, NAME_WITHIN);

    if (certificate.length == NAME_WITHIN && !pem_subject(certificate, &subject))
        certificate = decode(trust, base64, sizeof trust->der);
    return pem_subject(certificate, &subject) && pem_names_alike(subject, name);
}

/* Goes over the file, a window at a time. What is longer than a window is stepped over. */
static void visit_file(struct trust *trust, const struct der *subject, trust_visitor *visit, void *context)
{
    struct span rest = { trust->window, 0 }, base64;
    off_t offset = 0;
    ssize_t n = 0;

    trust->count = 0;
    while (offset < BUNDLE_MAX) {
        memmove(trust->window, rest.at, rest.length);
        n = pread(trust->fd, trust->window + rest.length, TRUST_WINDOW_SIZE - rest.length, offset);
        if (n <= 0)
            break;
        offset += n;
        rest = (struct span){ trust->window, rest.length + (size_t)n };
        for (; pem_next(&rest, &base64); trust->count++)
            if ((!subject || may_be(trust, base64, *subject)) &&
                !visit(context, decode(trust, base64, sizeof trust->der)))
                return;
        if (rest.length == TRUST_WINDOW_SIZE)
            rest.length = 0;
    }
    trust->error = n < 0 ? errno : 0;
}

static void visit_kept(struct trust *trust, const struct der *wanted, trust_visitor *visit, void *context)
{
    struct der rest = { trust->kept, trust->kept_length }, certificate, subject;

    for (; der_take_whole(&rest, DER_SEQUENCE, &certificate); trust->count++)
        if ((!wanted || (pem_subject(certificate, &subject) && pem_names_alike(subject, *wanted))) &&
            !visit(context, certificate))
            return;
}

void trust_visit(struct trust *trust, const struct der *subject, trust_visitor *visit, void *context)
{
    trust->count = 0;
    if (trust->fd >= 0)
        visit_file(trust, subject, visit, context);
    else
        visit_kept(trust, subject, visit, context);
}

/* Keeps a certificate in memory where there is room. */
static bool keep_certificate(void *trust_, struct der certificate)
{
    struct trust *trust = trust_;
    struct der rest = certificate, whole;

    if (!der_take_whole(&rest, DER_SEQUENCE, &whole) || trust->kept_length + whole.length > FOLDER_MAX)
        return true;
    uint8_t *grown = realloc(trust->kept, trust->kept_length + whole.length);
    if (!grown)
        return false;
    memcpy(grown + trust->kept_length, whole.at, whole.length);
    trust->kept = grown;
    trust->kept_length += whole.length;
    return true;
}

/* Reads the files of a folder, of which none stays open. False with errno where PATH is none. */
static bool read_folder(struct trust *trust, const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;

    if (!folder)
        return false;
    trust->path = path;
    while ((entry = readdir(folder)))
        if ((trust->fd = openat(dirfd(folder), entry->d_name, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) >= 0) {
            visit_file(trust, NULL, keep_certificate, trust);
            close(trust->fd);
        }
    trust->error = 0; /* of a folder in there, which cannot be read */
    trust->fd = -1;
    closedir(folder);
    return true;
}

bool trust_open(struct trust *trust, const char *cacert, struct result *result)
{
    const char *named = cacert;

    if (!named && !((named = getenv("SSL_CERT_FILE")) && named[0]))
        named = getenv("SSL_CERT_DIR");
    trust->count = 0;
    trust->error = 0;
    trust->kept = NULL;
    trust->kept_length = 0;
    if (named && named[0] ? read_folder(trust, named) || open_file(trust, named) : open_bundle(trust))
        return true;
    if (errno == ENOENT && trust->path == bundles[sizeof bundles / sizeof bundles[0] - 1])
        return result_fail(result, "no CA bundle in the image (--cacert, SSL_CERT_FILE)", NULL);
    return result_fail(result, "cannot read the CA file ", trust->path, ": ", DIAG_ERRNO, NULL);
}

void trust_close(struct trust *trust)
{
    if (trust->fd >= 0)
        close(trust->fd);
    trust->fd = -1;
    free(trust->kept);
    trust->kept = NULL;
}
