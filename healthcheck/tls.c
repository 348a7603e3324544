/* TLS under a connection, by Mbed TLS. */
#include "healthcheck/tls.h"

bool tls_open(struct conn *conn, const struct target *target, const struct check_conf *conf, struct result *result)
{
    (void)conn, (void)target, (void)conf;
    return result_fail(result, "TLS is not spoken yet", NULL);
}
