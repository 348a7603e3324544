/* Reads secrets from files. Nothing of them is ever in a message. */
#include "healthcheck/secret.h"

#include "healthcheck/features.h"
#include "healthcheck/sys/file.h"
#include "healthcheck/sys/memory.h"
#include "pith/diag.h"
#include "pith/layout.h"

#include <limits.h>
#include <string.h>

const char secret_places[] = "may stand only in a target's user and password, in --user and in --header";

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

/* Appends SECRET without the newlines at its end. NULL, or why not. */
static const char *put_bytes(struct text secret, void (*put)(struct text *out, char c), struct text *out)
{
    if (secret.length > SECRET_MAX)
        return "is larger than 64 KiB";
    while (secret.length > 0 && strchr("\r\n", secret.start[secret.length - 1]) && secret.start[secret.length - 1])
        secret.length--;
    if (secret.length == 0) /* what is then asked without a login would be healthy */
        return "is empty";
    for (size_t i = 0; i < secret.length; i++)
        if (is_control(secret.start[i]))
            return "has a control character in it (a line end?)";
    for (size_t i = 0; i < secret.length; i++)
        put(out, secret.start[i]);
    return NULL;
}

/* NULL, or why not; DIAG_ERRNO with errno. */
static const char *put_file(const char *path, void (*put)(struct text *out, char c), struct text *out)
{
    struct text secret = { memory_get(SECRET_MAX + 1), SECRET_MAX + 1, 0 };

    if (!secret.start)
        return "does not fit into memory";
    const char *why = file_read(path, &secret) ? put_bytes(secret, put, out) : DIAG_ERRNO;
    memory_free(secret.start, SECRET_MAX + 1); /* which keeps errno */
    return why;
}

static bool put_secret(struct expand_files *files, const char *path, size_t length,
                       void (*put)(struct text *out, char c), struct text *out, struct expand_error *error)
{
    char whole[PATH_MAX];
    size_t from = out->length;

    text_copy(error->what, sizeof error->what, path, length);
    error->why = length < sizeof whole ? put_file(text_copy(whole, sizeof whole, path, length), put, out)
                                       : "is longer than a path can be";
    if (error->why)
        return false;
    files->from = files->to > 0 ? files->from : from;
    files->to = out->length;
    return true;
}

static void put_encoded(struct text *out, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char byte = (unsigned char)c;

    if ((c >= '0' && c <= '9') || (text_upper(c) >= 'A' && text_upper(c) <= 'Z') || strchr("-._~:", c)) {
        text_char(out, c);
        return;
    }
    text_char(out, '%');
    text_char(out, digits[byte >> 4]);
    text_char(out, digits[byte & 15]);
}

COLD bool secret_put(struct expand_files *files, const char *path, size_t length, struct text *out,
                     struct expand_error *error)
{
    return put_secret(files, path, length, text_char, out, error);
}

COLD bool secret_put_encoded(struct expand_files *files, const char *path, size_t length, struct text *out,
                             struct expand_error *error)
{
    return put_secret(files, path, length, put_encoded, out, error);
}

COLD bool secret_refuse(struct expand_files *files, const char *path, size_t length, struct text *out,
                        struct expand_error *error)
{
    (void)files;
    (void)out;
    text_copy(error->what, sizeof error->what, path, length);
    error->why = PITH_EXTRAS ? secret_places : "needs secrets in files, which this build lacks";
    return false;
}
