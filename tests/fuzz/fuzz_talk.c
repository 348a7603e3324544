/*
 * Whole conversations: every kind that connects, against a server that sends the input in pieces and then leaves. The
 * first byte is the kind, and from 128 on the check is one with --http2; the second says how long the pieces are.
 */
#include "fuzz.h"
#include "healthcheck/conf.h"
#include "healthcheck/probes/probe.h"
#include "pith/duration.h"

struct server {
    const uint8_t *bytes;
    size_t left, step;
};

static ssize_t server_read(struct conn *conn, void *bytes, size_t size)
{
    struct server *server = conn->state;
    size_t n = server->left < server->step ? server->left : server->step;

    n = n < size ? n : size;
    memcpy(bytes, server->bytes, n);
    server->bytes += n;
    server->left -= n;
    return (ssize_t)n;
}

static ssize_t server_write(struct conn *conn, const void *bytes, size_t size)
{
    (void)conn, (void)bytes;
    return (ssize_t)size;
}

static const struct conn_layer layer = { .read = server_read, .write = server_write };

static const char *const targets[] = {
    "http://localhost:1/a",
    "grpc://localhost:1/service",
    "redis://localhost:1",
    "postgresql://localhost:1",
    "mysql://user@localhost:1",
    "memcached://localhost:1",
    "amqp://a:b@localhost:1",
    "fcgi://localhost:1/ping",
    "redis://a:b@localhost:1/1",
    "kafka://localhost:1",
    "mongodb://localhost:1/db",
    "memcached://a:b@localhost:1",
    "tcp://localhost:1?expect=220",
    "postgresql://a:b@localhost:1/c?schema=d",
    "postgresql://a:b@localhost:1/c?host=/d",
    "mysql://a:b@localhost:1/c",
    "mysql://a:b@localhost:1?socket=/d",
};

/* In place of probe_reach (fuzz.mk): the connection stands. */
bool __wrap_probe_reach(struct probe *probe, const struct target *target);

bool __wrap_probe_reach(struct probe *probe, const struct target *target)
{
    (void)probe, (void)target;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct check_conf conf;
    struct target_error error;
    struct target target;
    struct result result;
    struct probe probe = { .target = &target, .conf = &conf.probe, .result = &result };

    if (size < 2)
        return 0;
    struct server server = { data + 2, size - 2, 1 + data[1] };
    if (!conf.probe.request.method) {
        char *argv[] = { "healthcheck", "--body-contains", "ok", "--json", "a=1", NULL }, *environment[] = { NULL };
        assert(options_parse(&conf, 5, argv, environment));
    }
    conf.probe.http2 = data[0] & 128;
    assert(target_parse(targets[(data[0] & 127) % (sizeof targets / sizeof targets[0])], &target, &error));
    conn_init(&probe.conn, 0, 0, false);
    conn_put_layer(&probe.conn, &layer, &server);
    result_init(&result);
    target.kind->talk(&probe);
    assert(result.reason_length <= RESULT_REASON_SIZE && (result.healthy || result.reason_length > 0));
    return 0;
}
