/* The messages of gRPC's health protocol and the verdicts on its answers, without a connection. */
#include "healthcheck/grpc/answer.h"
#include "healthcheck/grpc/health.h"
#include "support/guard.h"
#include "support/test.h"

#define BYTES(string) string, sizeof string - 1

static void a_request_frames_the_service_name(void **state)
{
    char bytes[512], name[200];
    struct text out = { bytes, sizeof bytes, 0 };

    (void)state;
    grpc_put_request(&out, BYTES("my.Service"));
    assert_int_equal(out.length, 17);
    assert_memory_equal(bytes, "\0\0\0\0\x0c\x0a\x0amy.Service", 17);
    out.length = 0;
    grpc_put_request(&out, NULL, 0);
    assert_int_equal(out.length, 5);
    assert_memory_equal(bytes, "\0\0\0\0\0", 5);
    memset(name, 'n', sizeof name);
    out.length = 0;
    grpc_put_request(&out, name, sizeof name);
    assert_int_equal(out.length, 5 + 3 + sizeof name);
    assert_memory_equal(bytes, "\0\0\0\0\xcb\x0a\xc8\x01nnn", 11);
}

struct response {
    const char *bytes;
    size_t length;
    enum grpc_verdict verdict;
    uint32_t status;
};

static const struct response responses[] = {
    { BYTES(""), GRPC_EMPTY, 0 },
    { BYTES("\0\0\0\0\2\x08\x01"), GRPC_GOOD, HEALTH_SERVING },
    { BYTES("\0\0\0\0\2\x08\x02"), GRPC_GOOD, HEALTH_NOT_SERVING },
    { BYTES("\0\0\0\0\2\x08\x03"), GRPC_GOOD, HEALTH_SERVICE_UNKNOWN },
    { BYTES("\0\0\0\0\2\x08\x07"), GRPC_GOOD, 7 },
    { BYTES("\0\0\0\0\0"), GRPC_GOOD, HEALTH_UNKNOWN },
    { BYTES("\0\0\0\0\4\x08\x02\x08\x01"), GRPC_GOOD, HEALTH_SERVING }, /* the last one counts */
    { BYTES("\0\0\0\0\3\x08\x81\x00"), GRPC_GOOD, HEALTH_SERVING },     /* an overlong 1 */
    { BYTES("\0\0\0\0\3\x08\x80\x01"), GRPC_GOOD, 128 },
    { BYTES("\0\0\0\0\5\x10\xff\x7f\x08\x01\0"), GRPC_BAD, 0 },             /* a byte too many */
    { BYTES("\0\0\0\0\5\x10\xff\x7f\x08\x01"), GRPC_GOOD, HEALTH_SERVING }, /* an unknown varint */
    { BYTES("\0\0\0\0\x0b\x11"
            "12345678\x08\x01"),
      GRPC_GOOD, HEALTH_SERVING },
    { BYTES("\0\0\0\0\7\x15"
            "1234\x08\x01"),
      GRPC_GOOD, HEALTH_SERVING },
    { BYTES("\0\0\0\0\7\x12\x03"
            "abc\x08\x01"),
      GRPC_GOOD, HEALTH_SERVING },
    { BYTES("\0\0\0\0\6\x0a\x02\x08\x02\x08\x01"), GRPC_GOOD, HEALTH_SERVING }, /* field 1, but of bytes */
    { BYTES("\1\0\0\0\2\x08\x01"), GRPC_COMPRESSED, 0 },
    { BYTES("\1"), GRPC_COMPRESSED, 0 },
    { BYTES("\2\0\0\0\2\x08\x01"), GRPC_BAD, 0 },
    { BYTES("\0\0\0\0"), GRPC_BAD, 0 },
    { BYTES("\0\0\0\0\1\x08\x01"), GRPC_BAD, 0 },
    { BYTES("\0\0\0\0\3\x08\x01"), GRPC_BAD, 0 },
    { BYTES("\0\xff\xff\xff\xff\x08\x01"), GRPC_BAD, 0 },
    { BYTES("\0\0\0\0\2\x08\x01\0\0\0\0\2\x08\x01"), GRPC_BAD, 0 }, /* two messages */
    { BYTES("\0\0\0\0\1\x08"), GRPC_BAD, 0 },
    { BYTES("\0\0\0\0\2\x08\x81"), GRPC_BAD, 0 },
    { BYTES("\0\0\0\0\2\x00\x01"), GRPC_BAD, 0 }, /* field 0 */
    { BYTES("\0\0\0\0\2\x0b\x0c"), GRPC_BAD, 0 }, /* a group */
    { BYTES("\0\0\0\0\2\x0f\x01"), GRPC_BAD, 0 }, /* no wire type */
    { BYTES("\0\0\0\0\4\x12\x05"
            "ab"),
      GRPC_BAD, 0 },
    { BYTES("\0\0\0\0\x0b\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), GRPC_BAD, 0 },
    { BYTES("\0\0\0\0\x0c\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), GRPC_BAD, 0 },
    { BYTES("\0\0\0\0\5\x15"
            "1234"),
      GRPC_GOOD, HEALTH_UNKNOWN },
    { BYTES("\0\0\0\0\4\x15"
            "123"),
      GRPC_BAD, 0 },
};

static void responses_are_parsed_to_their_last_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(responses); i++) {
        const struct response *response = &responses[i];
        const uint8_t *bytes = (const uint8_t *)guarded(response->bytes, response->length);
        uint32_t status = 99;
        enum grpc_verdict verdict = grpc_parse_response(bytes, response->length, &status);
        if (verdict != response->verdict || (verdict == GRPC_GOOD && status != response->status))
            fail_msg("response %zu: verdict %d, status %u", i, (int)verdict, status);
    }
}

static void codes_and_statuses_have_names(void **state)
{
    (void)state;
    assert_string_equal(grpc_code_name(0), "OK");
    assert_string_equal(grpc_code_name(4), "DEADLINE_EXCEEDED");
    assert_string_equal(grpc_code_name(14), "UNAVAILABLE");
    assert_string_equal(grpc_code_name(16), "UNAUTHENTICATED");
    assert_null(grpc_code_name(17));
    assert_null(health_status_name(4));
}

static void expect_timeout(int64_t ns, const char *wanted)
{
    char bytes[32];
    struct text out = { bytes, sizeof bytes - 1, 0 };

    grpc_put_timeout(&out, ns);
    bytes[out.length] = '\0';
    assert_string_equal(bytes, wanted);
}

static void timeouts_have_eight_digits_at_most(void **state)
{
    (void)state;
    expect_timeout(2000000000, "2000000u");
    expect_timeout(99999999999, "99999999u");
    expect_timeout(100000000000, "100000m");
    expect_timeout(INT64_C(99999999) * 1000000, "99999999m");
    expect_timeout(INT64_C(100000000) * 1000000, "100000S");
    expect_timeout(INT64_MAX, "99999999S");
    expect_timeout(999, "1u");
    expect_timeout(0, "1u");
    expect_timeout(-5000000000, "1u");
}

/* One answer: its headers, `name: value` each and the trailers behind a NULL, its message, how it ended. */
struct answer {
    const char *headers[6];
    const char *message;
    size_t length;
    bool ended;
    const char *reset;
    bool healthy;
    const char *reason;
};

#define GOOD_HEADERS ":status: 200", "content-type: application/grpc"
#define SERVING      BYTES("\0\0\0\0\2\x08\x01")
#define REASON(text) false, text

static const struct answer answers[] = {
    { { GOOD_HEADERS, NULL, "grpc-status: 0" }, SERVING, true, NULL, true, "SERVING" },
    { { ":status: 200", "content-type: application/grpc+proto", NULL, "grpc-status: 0" },
      SERVING,
      true,
      NULL,
      true,
      "SERVING" },
    { { ":status: 200", "content-type: Application/GRPC;charset=x", NULL, "grpc-status: 0" },
      SERVING,
      true,
      NULL,
      true,
      "SERVING" },
    { { GOOD_HEADERS, NULL, "grpc-status: 00" }, SERVING, true, "NO_ERROR", true, "SERVING" },
    { { GOOD_HEADERS, NULL, "grpc-status: 0" }, BYTES("\0\0\0\0\2\x08\x02"), true, NULL, REASON("NOT_SERVING") },
    { { GOOD_HEADERS, NULL, "grpc-status: 0" }, BYTES("\0\0\0\0\2\x08\x03"), true, NULL, REASON("SERVICE_UNKNOWN") },
    { { GOOD_HEADERS, NULL, "grpc-status: 0" }, BYTES("\0\0\0\0\0"), true, NULL, REASON("UNKNOWN") },
    { { GOOD_HEADERS, NULL, "grpc-status: 0" },
      BYTES("\0\0\0\0\2\x08\x09"),
      true,
      NULL,
      REASON("unknown health status 9") },
    { { GOOD_HEADERS, NULL, "grpc-status: 0" }, BYTES(""), true, NULL, REASON("answer lacks a message") },
    { { GOOD_HEADERS, NULL, "grpc-status: 0" },
      BYTES("\1\0\0\0\2\x08\x01"),
      true,
      NULL,
      REASON("answer is compressed, which was not asked for") },
    { { GOOD_HEADERS, NULL, "grpc-status: 0" },
      BYTES("\0\0\0\0\2\x08"),
      true,
      NULL,
      REASON("answer is no HealthCheckResponse") },
    { { GOOD_HEADERS, NULL, "grpc-status: 5" },
      SERVING,
      true,
      NULL,
      REASON("NOT_FOUND: server does not know that service") },
    { { GOOD_HEADERS, NULL, "grpc-status: 12", "grpc-message: secret" },
      BYTES(""),
      true,
      NULL,
      REASON("UNIMPLEMENTED: server has no health service") },
    { { GOOD_HEADERS, NULL, "grpc-status: 14" }, BYTES(""), true, NULL, REASON("UNAVAILABLE") },
    { { GOOD_HEADERS, NULL, "grpc-status: 77" }, BYTES(""), true, NULL, REASON("grpc-status 77") },
    { { GOOD_HEADERS, NULL, "grpc-status: 0x0" }, SERVING, true, NULL, REASON("grpc-status is not a number") },
    { { GOOD_HEADERS, NULL, "grpc-status: -1" }, SERVING, true, NULL, REASON("grpc-status is not a number") },
    { { GOOD_HEADERS, NULL, "grpc-status: " }, SERVING, true, NULL, REASON("grpc-status is not a number") },
    { { GOOD_HEADERS, NULL, "grpc-status: 4294967296" }, SERVING, true, NULL, REASON("grpc-status is not a number") },
    { { GOOD_HEADERS, "grpc-status: 0" }, SERVING, true, NULL, REASON("answer ends without a grpc-status") },
    { { GOOD_HEADERS }, SERVING, false, "CANCEL", REASON("server reset the stream before its end (CANCEL)") },
    { { NULL }, BYTES(""), false, "REFUSED_STREAM", REASON("server reset the stream (REFUSED_STREAM)") },
    { { ":status: 404", "content-type: text/html" },
      BYTES("not here"),
      true,
      NULL,
      REASON("HTTP status 404, wanted 200: is it gRPC?") },
    { { ":status: 502", "content-type: application/grpc", NULL, "grpc-status: 0" },
      SERVING,
      true,
      NULL,
      REASON("HTTP status 502, wanted 200: is it gRPC?") },
    { { ":status: 200", "content-type: text/html" },
      BYTES("hello"),
      true,
      NULL,
      REASON("content-type is not application/grpc: is it gRPC?") },
    { { ":status: 200", "content-type: application/grpcx", NULL, "grpc-status: 0" },
      SERVING,
      true,
      NULL,
      REASON("content-type is not application/grpc: is it gRPC?") },
    { { ":status: 200", NULL, "grpc-status: 0" },
      SERVING,
      true,
      NULL,
      REASON("content-type is not application/grpc: is it gRPC?") },
};

static bool put_header(struct grpc_answer *answer, const char *header, bool last)
{
    const char *colon = strstr(header, ": ");

    return grpc_answer_header(answer, (struct span){ header, (size_t)(colon - header) },
                              (struct span){ colon + 2, strlen(colon + 2) }, last);
}

static void judge(const struct answer *given, struct result *result)
{
    struct grpc_answer answer;
    bool last = false;

    grpc_answer_init(&answer);
    for (size_t i = 0; i < COUNT(given->headers); i++)
        if (!given->headers[i])
            last = true;
        else
            assert_true(put_header(&answer, given->headers[i], last));
    for (size_t i = 0; i < given->length; i++)
        assert_true(grpc_answer_data(&answer, (const uint8_t *)given->message + i, 1));
    answer.ended = given->ended;
    answer.reset = given->reset;
    result_init(result);
    grpc_answer_judge(&answer, result);
}

static void answers_are_judged(void **state)
{
    struct result result;

    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        judge(&answers[i], &result);
        result.reason[result.reason_length] = '\0';
        assert_string_equal(result.reason, answers[i].reason);
        assert_int_equal(result.healthy, answers[i].healthy);
    }
}

static void headers_and_message_are_bounded(void **state)
{
    static char value[GRPC_HEADERS_MAX];
    static uint8_t message[GRPC_MESSAGE_MAX];
    struct grpc_answer answer;

    (void)state;
    grpc_answer_init(&answer);
    assert_true(grpc_answer_header(&answer, (struct span){ "x", 1 }, (struct span){ value, sizeof value - 1 }, false));
    assert_false(grpc_answer_header(&answer, (struct span){ "x", 1 }, (struct span){ value, 0 }, false));
    grpc_answer_init(&answer);
    assert_true(grpc_answer_data(&answer, message, sizeof message));
    assert_null(answer.fault);
    assert_false(grpc_answer_data(&answer, message, 1));
    assert_non_null(answer.fault);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_frames_the_service_name),
        cmocka_unit_test(responses_are_parsed_to_their_last_byte),
        cmocka_unit_test(codes_and_statuses_have_names),
        cmocka_unit_test(timeouts_have_eight_digits_at_most),
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(headers_and_message_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
