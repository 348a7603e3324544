/* Finds the file or folder of trusted certificates, and looks certificates up in it. */
#include "healthcheck/tls/trust.h"

#include "healthcheck/tls/pem.h"
#include "pith/diag.h"
#include "pith/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of a file or folder that are read: many times the largest there is. A device may have no end. */
enum { READ_MAX = 16 * 1024 * 1024 };

/* Where images have their bundle: Debian, distroless and Alpine; Alpine and the BSDs, too; Fedora (2); openSUSE. */
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

/* Opens the first that is there. Where that cannot be read, none is opened: nobody chose to trust the next one. */
static bool open_bundle(struct trust *trust)
{
    for (size_t i = 0; i < sizeof bundles / sizeof bundles[0]; i++)
        if (open_file(trust, bundles[i]) || errno != ENOENT)
            return trust->fd >= 0;
    return false;
}

/* A certificate, or its first LIMIT bytes, decoded. */
static struct der decode(struct trust *trust, struct span base64, size_t limit)
{
    return (struct der){ trust->der, pem_decode(base64, trust->der, limit) };
}

/* Whether a certificate may have the subject NAME. */
static bool may_be(struct trust *trust, struct span base64, struct der name)
{
    enum { NAME_WITHIN = 512 }; /* bytes in which most subjects end: of nearly all certificates no more is decoded */
    struct der subject, certificate = decode(trust, base64, NAME_WITHIN);

    if (certificate.length == NAME_WITHIN && !pem_subject(certificate, &subject))
        certificate = decode(trust, base64, sizeof trust->der);
    return pem_subject(certificate, &subject) && pem_names_alike(subject, name);
}

/* Visits up to LIMIT bytes of the open file, a window at a time, and returns how many were read. */
static off_t visit_file(struct trust *trust, off_t limit, const struct der *subject, trust_visitor *visit,
                        void *context)
{
    struct span rest = { trust->window, 0 }, base64;
    off_t offset = 0;
    ssize_t n = 0;

    while (offset < limit) {
        size_t room = TRUST_WINDOW_SIZE - rest.length;
        memmove(trust->window, rest.at, rest.length);
        n = pread(trust->fd, trust->window + rest.length,
                  limit - offset < (off_t)room ? (size_t)(limit - offset) : room, offset);
        if (n <= 0)
            break;
        offset += n;
        rest = (struct span){ trust->window, rest.length + (size_t)n };
        for (; pem_next(&rest, &base64); trust->count++)
            if ((!subject || may_be(trust, base64, *subject)) &&
                !visit(context, decode(trust, base64, sizeof trust->der)))
                return offset;
        /* One that is longer than the window is passed over, but for the byte that says whether a line begins behind
         * it. */
        if (rest.length == TRUST_WINDOW_SIZE)
            span_drop(&rest, TRUST_WINDOW_SIZE - 1);
    }
    if (n < 0)
        trust->error = errno;
    return offset;
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
    trust->error = 0;
    if (trust->fd >= 0)
        visit_file(trust, READ_MAX, subject, visit, context);
    else
        visit_kept(trust, subject, visit, context);
}

/* Appends a certificate to `kept`, unless there is no memory for it. */
static bool keep_certificate(void *trust_, struct der certificate)
{
    struct trust *trust = trust_;
    struct der rest = certificate, whole;

    if (!der_take_whole(&rest, DER_SEQUENCE, &whole))
        return true;
    uint8_t *grown = realloc(trust->kept, trust->kept_length + whole.length);
    if (grown) {
        memcpy(grown + trust->kept_length, whole.at, whole.length);
        trust->kept = grown;
        trust->kept_length += whole.length;
    }
    return true;
}

/* A descriptor of a regular file, or -1: a device does things when it is opened. */
static int open_entry(int folder, const char *name)
{
    struct stat status;

    if (fstatat(folder, name, &status, 0) != 0 || !S_ISREG(status.st_mode))
        return -1;
    return openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* Reads the files of a folder. False with errno where PATH is none. */
static bool read_folder(struct trust *trust, const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;

    if (!folder)
        return false;
    trust->path = path;
    for (off_t left = READ_MAX; left > 0 && (entry = readdir(folder));)
        if ((trust->fd = open_entry(dirfd(folder), entry->d_name)) >= 0) {
            left -= visit_file(trust, left, NULL, keep_certificate, trust);
            close(trust->fd);
        }
    trust->fd = -1;
    closedir(folder);
    return true;
}

/* Reads folders with colons between them and skips those that are missing, as OpenSSL and Go do. */
static bool read_folders(struct trust *trust, const char *paths)
{
    char *copy = strdup(paths), *rest = copy;
    bool any = false;

    for (const char *path; (path = strsep(&rest, ":"));)
        any |= read_folder(trust, path);
    free(copy);
    trust->path = paths;
    return any;
}

static bool is_set(const char *variable)
{
    return variable && variable[0];
}

void trust_init(struct trust *trust)
{
    trust->fd = -1;
    trust->kept = NULL;
    trust->kept_length = trust->count = 0;
    trust->error = 0;
}

bool trust_open(struct trust *trust, const char *cacert, struct result *result)
{
    const char *named = cacert ? cacert : getenv("SSL_CERT_FILE"), *folders = getenv("SSL_CERT_DIR");

    if (is_set(named)                ? read_folder(trust, named) || open_file(trust, named)
        : !cacert && is_set(folders) ? read_folders(trust, folders) || open_file(trust, folders)
                                     : open_bundle(trust))
        return true;
    if (errno == ENOENT && trust->path == bundles[sizeof bundles / sizeof bundles[0] - 1])
        return result_fail(result, "no CA bundle in the image (--cacert, SSL_CERT_FILE)", NULL);
    return result_fail(result, "cannot read the CA file ", trust->path, ": ", DIAG_ERRNO, NULL);
}

void trust_close(struct trust *trust)
{
    if (trust->fd >= 0)
        close(trust->fd);
    free(trust->kept);
    trust_init(trust);
}
