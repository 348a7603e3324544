/* The gRPC health protocol over HTTP/2. */
#include "healthcheck/probe.h"

void probe_grpc(struct conn *conn, const struct target *target, const struct check_conf *conf, struct result *result)
{
    (void)conn, (void)target, (void)conf;
    result_fail(result, "gRPC is not spoken yet", NULL);
}
