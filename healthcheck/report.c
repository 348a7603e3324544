/* Writes the report. */
#include "healthcheck/report.h"

static void put_line(const struct target *target, const struct result *result, struct text *out)
{
    text_string(out, result->healthy ? "ok    " : "FAIL  ");
    target_show(target, out);
    text_string(out, "  ");
    text_bytes(out, result->reason, result->reason_length);
    text_char(out, '\n');
}

void report_put(const struct check_conf *conf, const struct target *targets, const struct result *results, size_t count,
                struct text *out)
{
    (void)conf;
    for (size_t i = 0; i < count; i++)
        put_line(&targets[i], &results[i], out);
}
