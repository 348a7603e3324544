/*
 * kafka:// against a broker that is not ours: Debian has no Apache Kafka, but librdkafka, a client of it, brings along
 * a broker for its own tests. It runs in this process, plain TCP alone; haproxy puts TLS in front of it.
 */
#include "support/front.h"
#include "support/peer.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdatomic.h>
#include <unistd.h>

enum { API_VERSIONS = 18, BROKER = 1 };

static rd_kafka_t *kafka;
static rd_kafka_mock_cluster_t *cluster;
static atomic_uint complaints;

static void complain(const rd_kafka_t *instance, int level, const char *facility, const char *text)
{
    (void)instance, (void)level;
    if (strcmp(facility, "CONFWARN") == 0) /* its own client has no broker to connect to */
        return;
    complaints++;
    print_message("%s: %s\n", facility, text);
}

static int start(void **state)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char error[256];

    (void)state;
    complaints = 0;
    rd_kafka_conf_set_log_cb(conf, complain);
    kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    assert_non_null(kafka);
    cluster = rd_kafka_mock_cluster_new(kafka, BROKER);
    assert_non_null(cluster);
    return 0;
}

static int stop(void **state)
{
    front_stop(state);
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(kafka);
    return 0;
}

/* Where the broker listens: 127.0.0.1 and a port. */
static const char *address(void)
{
    return rd_kafka_mock_cluster_bootstraps(cluster);
}

static const char *target(void)
{
    return peer_text("kafka://%s", address());
}

static void a_broker_that_answers_is_healthy_and_complains_of_nothing(void **state)
{
    (void)state;
    peer_probe_often(target());
    peer_expect(target(), 0, " APIs");
    assert_int_equal(complaints, 0);
}

static void an_error_is_unhealthy_and_named(void **state)
{
    static const struct {
        rd_kafka_resp_err_t error;
        const char *says;
    } rows[] = {
        { RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, "  error 35 (unsupported version)\n" },
        { RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, "  error 31 (not authorized)\n" },
        { RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, "  error 8 (broker not available)\n" },
        { RD_KAFKA_RESP_ERR_UNKNOWN, "  error -1 (unknown server error)\n" },
        { RD_KAFKA_RESP_ERR_DUPLICATE_RESOURCE, "  error 92\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        rd_kafka_mock_push_request_errors(cluster, API_VERSIONS, 1, rows[i].error);
        peer_expect(target(), 1, rows[i].says);
        peer_expect(target(), 0, " APIs");
    }
}

static void a_broker_that_does_not_know_the_version_is_unhealthy(void **state)
{
    (void)state;
    rd_kafka_mock_set_apiversion(cluster, API_VERSIONS, 1, 2);
    peer_expect(target(), 1, "  error 35 (unsupported version)\n");
}

static void a_broker_that_is_slow_or_down_is_unhealthy(void **state)
{
    (void)state;
    rd_kafka_mock_broker_set_rtt(cluster, BROKER, 60000);
    peer_expect(target(), 1, "  timed out after 2s waiting for the versions of its APIs\n");
    rd_kafka_mock_broker_set_rtt(cluster, BROKER, 0);
    rd_kafka_mock_broker_set_down(cluster, BROKER);
    peer_expect(target(), 1, "connection ");
    rd_kafka_mock_broker_set_up(cluster, BROKER);
    peer_expect(target(), 0, " APIs");
}

static void a_broker_answers_over_tls_and_unix_sockets(void **state)
{
    (void)state;
    front_start(atoi(strchr(address(), ':') + 1));
    front_expect("kafka", " APIs");
    assert_int_equal(complaints, 0);
}

/* Who mixes the two up is told. */
static void tls_alone_and_plain_text_alone_are_told_apart(void **state)
{
    const char *listener;

    (void)state;
    front_start(atoi(strchr(address(), ':') + 1));
    listener = strstr(front_target("kafka", "s"), "://");
    peer_expect(peer_text("kafka%s", listener), 1, " (is it TLS: kafkas://?)\n");
    peer_expect(peer_text("kafkas://%s", address()), 1, " while in the TLS handshake\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_broker_that_answers_is_healthy_and_complains_of_nothing, start, stop),
        cmocka_unit_test_setup_teardown(an_error_is_unhealthy_and_named, start, stop),
        cmocka_unit_test_setup_teardown(a_broker_that_does_not_know_the_version_is_unhealthy, start, stop),
        cmocka_unit_test_setup_teardown(a_broker_that_is_slow_or_down_is_unhealthy, start, stop),
        cmocka_unit_test_setup_teardown(a_broker_answers_over_tls_and_unix_sockets, start, stop),
        cmocka_unit_test_setup_teardown(tls_alone_and_plain_text_alone_are_told_apart, start, stop),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, tls_make_certificates, peer_clean);
}
