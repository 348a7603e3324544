/* HTTP/1.1 over whatever the connection is. */
#include "healthcheck/probe.h"

void probe_http(struct conn *conn, const struct target *target, const struct check_conf *conf, struct result *result)
{
    (void)conn, (void)target, (void)conf;
    result_fail(result, "http is not spoken yet", NULL);
}
