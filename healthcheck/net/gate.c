/* The gate: decides by routes and by the allow file. */
#include "healthcheck/net/gate.h"

#include "healthcheck/features.h"
#include "healthcheck/net/delivery.h"
#include "healthcheck/sys/file.h"
#include "healthcheck/sys/memory.h"
#include "healthcheck/sys/writable.h"
#include "pith/diag.h"
#include "pith/layout.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>

/* A byte more than is taken tells that the file is larger. */
enum { ALLOW_MAX = 262144, ALLOW_SIZE = ALLOW_MAX + 1 };

static const char allow_path[] = "/etc/healthcheck/allow";

HOT bool gate_is_own(const struct address_list *list, uint16_t port)
{
    for (size_t i = 0; i < list->count; i++)
        if (!address_is_loopback(&list->at[i]) && !delivery_is_local(&list->at[i], port, IPPROTO_TCP))
            return false;
    return list->count > 0;
}

/* What is wrong with the allow file. It is told after the verdict, as a reader of stderr may hang. */
static HOT_STATE _Atomic(const char *) wrong;
static HOT_STATE atomic_uint wrong_line;
static HOT_STATE atomic_int wrong_errno; /* for DIAG_ERRNO */

static void warn(const char *why)
{
    atomic_store(&wrong_errno, errno);
    atomic_store(&wrong, why);
}

void gate_tell(void)
{
    if (!PITH_EXTRAS)
        return;
    const char *why = atomic_load(&wrong);
    unsigned line = atomic_load(&wrong_line);

    if (why == DIAG_ERRNO) {
        errno = atomic_load(&wrong_errno);
        diagf("%s: cannot be read (%s): ignored", allow_path, why);
    } else if (why)
        diagf("%s: %s", allow_path, why);
    else if (line > 0)
        diagf("%s: line %d is not of the form host:port", allow_path, (int)line);
}

/* Takes back the last line, of which a part is missing: `host:80` may be the beginning of `host:8080`. */
static void drop_line(struct text *text)
{
    while (text->length > 0 && text->start[text->length - 1] != '\n')
        text->length--;
}

/* Reads the file, unless the user who runs this probe could have written it, and so allow itself anything. */
static bool read_allow(struct text *out)
{
    if (!out->start || !file_read(allow_path, out)) {
        if (errno != ENOENT)
            warn(DIAG_ERRNO);
        return false;
    }
    if (writable_by_caller(allow_path)) {
        warn("could have been written by the user who runs this probe: ignored");
        return false;
    }
    if (out->length > ALLOW_MAX) {
        warn("is larger than 256 KiB: the rest is ignored");
        drop_line(out);
    }
    return true;
}

bool gate_is_allowed(const struct allow_query *query)
{
    if (!PITH_EXTRAS)
        return false;
    struct text text = { memory_get(ALLOW_SIZE), ALLOW_SIZE, 0 };
    unsigned bad_line = 0;

    bool allowed = read_allow(&text) && allow_lists((struct span){ text.start, text_kept(&text) }, query, &bad_line);
    memory_free(text.start, ALLOW_SIZE);
    atomic_store(&wrong_line, bad_line);
    return allowed;
}
