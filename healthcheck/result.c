/* Sets verdicts and builds their reasons. */
#include "healthcheck/result.h"

#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/layout.h"

#include <stdarg.h>

HOT void result_init(struct result *result)
{
    result->healthy = false;
    result->final = false;
    result->cause = CAUSE_OTHER;
    result->note = NULL;
    result->status = 0;
    result->reason_length = 0;
    result->address_length = 0;
    for (int i = 0; i < TIMES_COUNT; i++)
        result->times[i] = -1;
}

COLD void result_spare(struct result *result)
{
    result_init(result);
    result_fail(result, "given up: another target is healthy", NULL);
}

/* Not inlined, as it has many callers and is long. */
HOT __attribute__((noinline)) struct text result_begin(struct result *result)
{
    return (struct text){ result->reason, sizeof result->reason, 0 };
}

bool result_end(struct result *result, const struct text *reason, bool healthy)
{
    result->reason_length = text_kept(reason);
    result->healthy = healthy;
    return healthy;
}

HOT bool result_set(bool healthy, struct result *result, ...)
{
    struct text reason = result_begin(result);
    va_list parts;

    va_start(parts, result);
    for (const char *part; (part = va_arg(parts, const char *));)
        text_part(&reason, part);
    va_end(parts);
    return result_end(result, &reason, healthy);
}

HOT void text_milliseconds(struct text *out, int64_t ns)
{
    text_number(out, (uint64_t)(ns / NS_PER_MS));
    text_char(out, '.');
    text_number(out, (uint64_t)(ns % NS_PER_MS / (NS_PER_MS / 10)));
    text_literal(out, " ms");
}

void text_duration(struct text *out, int64_t ns)
{
    bool whole = ns % NS_PER_S == 0;

    text_number(out, (uint64_t)(ns / (whole ? NS_PER_S : NS_PER_MS)));
    text_string(out, whole ? "s" : "ms");
}
