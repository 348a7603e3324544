/* Looks certificates up in a CA bundle. */
#include "healthcheck/tls/trust.h"

#include "healthcheck/tls/pem.h"
#include "pith/diag.h"
#include "pith/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Many times the largest bundle there is: devices can be read without end. */
enum { BUNDLE_MAX = 16 * 1024 * 1024 };

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

bool trust_open(struct trust *trust, const char *cacert, struct result *result)
{
    const char *named = cacert ? cacert : getenv("SSL_CERT_FILE");

    trust->count = 0;
    trust->error = 0;
    if (named && named[0] ? open_file(trust, named) : open_bundle(trust))
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
void trust_visit(struct trust *trust, const struct der *subject, bool (*visit)(void *context, struct der certificate),
                 void *context)
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
