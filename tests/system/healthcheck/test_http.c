/* Probes of a conformant server, libmicrohttpd: what is asked, and what of the answer counts. */
#include "support/probe.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/test.h"

#include <microhttpd.h>
#include <time.h>

static const char json_body[] = "{\"status\":\"UP\",\"checks\":[{\"name\":\"db\",\"ok\":true}],\"uptime\":12.50}\n";
static struct MHD_Daemon *daemon_;
static unsigned port;

/* What the last request was; only one is under way when it is looked at. */
static char seen[8192];

static enum MHD_Result note_header(void *unused, enum MHD_ValueKind kind, const char *key, const char *value)
{
    size_t used = strlen(seen);

    (void)unused, (void)kind;
    snprintf(seen + used, sizeof seen - used, "%s: %s\n", key, value ? value : "");
    return MHD_YES;
}

static ssize_t drip(void *unused, uint64_t position, char *buffer, size_t max)
{
    (void)unused;
    if (position >= sizeof json_body - 1)
        return MHD_CONTENT_READER_END_OF_STREAM;
    buffer[0] = json_body[position];
    return max > 0;
}

static enum MHD_Result queue(struct MHD_Connection *connection, unsigned status, struct MHD_Response *response)
{
    enum MHD_Result result = MHD_queue_response(connection, status, response);

    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer(void *unused, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **context)
{
    struct MHD_Response *response;

    (void)unused, (void)version, (void)data, (void)size, (void)context;
    snprintf(seen, sizeof seen, "%s %s\n", method, url);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, note_header, NULL);
    if (strcmp(url, "/slow") == 0)
        nanosleep(&(struct timespec){ .tv_nsec = 200 * 1000 * 1000 }, NULL);
    if (strcmp(url, "/chunked") == 0)
        response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 512, drip, NULL, NULL);
    else
        response =
            MHD_create_response_from_buffer(sizeof json_body - 1, (void *)(uintptr_t)json_body, MHD_RESPMEM_PERSISTENT);
    bool moved = strcmp(url, "/moved") == 0, hop = strncmp(url, "/hop/", 5) == 0 && atoi(url + 5) > 0;
    if (moved)
        MHD_add_response_header(response, "Location", "/ok?from=moved");
    char next[16];
    snprintf(next, sizeof next, "%d", hop ? atoi(url + 5) - 1 : 0);
    if (hop)
        MHD_add_response_header(response, "Location", next);
    unsigned status = strcmp(url, "/fail") == 0 ? 503 : moved || hop ? 302 : 200;
    return queue(connection, status, response);
}

static const char *url(const char *path)
{
    return format("http://127.0.0.1:%u%s", port, path);
}

static void assert_seen(const char *text, bool wanted)
{
    if (!strstr(seen, text) == wanted)
        fail_msg("'%s' in: %s", text, seen);
}

static void a_probe_asks_politely(void **state)
{
    (void)state;
    assert_status(probe(url("/ok?a=b%20c"), NULL), 0);
    assert_seen("GET /ok\n", true);
    assert_seen(format("Host: 127.0.0.1:%u\n", port), true);
    assert_seen("User-Agent: pith-healthcheck/", true);
    assert_seen("Connection: close\n", true);
    assert_seen("Accept: */*\n", true);
    assert_seen("Content-Length", false);
    assert_seen("Authorization", false);
}

static void methods_are_get_head_and_options(void **state)
{
    static const char *const methods[] = { "GET", "HEAD", "OPTIONS" };

    (void)state;
    for (size_t i = 0; i < COUNT(methods); i++) {
        assert_status(probe("-m", methods[i], url("/ok"), NULL), 0);
        assert_seen(format("%s /ok\n", methods[i]), true);
    }
}

static void headers_and_users_are_sent(void **state)
{
    (void)state;
    assert_status(probe("-H", "X-A: 1", "--header=X-B:2", "-H", "Host: example.org", url("/ok"), NULL), 0);
    assert_seen("X-A: 1\n", true);
    assert_seen("X-B: 2\n", true);
    assert_seen("Host: example.org\n", true);
    assert_seen("Host: 127", false);
    assert_status(probe("--user", "me:secret", url("/ok"), NULL), 0);
    assert_seen("Authorization: Basic bWU6c2VjcmV0\n", true);
    const struct run_result *result = probe(format("http://me:secret@127.0.0.1:%u/ok", port), "-v", NULL);
    assert_status(result, 0);
    assert_seen("Authorization: Basic bWU6c2VjcmV0\n", true);
    assert_says_not(result, "secret");
    assert_says(result, "http://***@127.0.0.1");
}

static void statuses_are_judged(void **state)
{
    static const struct {
        const char *list, *path;
        int status;
    } cases[] = {
        { "200-399", "/ok", 0 },           { "200-399", "/fail", 1 },  { "503", "/fail", 0 },
        { "200-299,500-503", "/fail", 0 }, { "200-299", "/moved", 1 }, { "302", "/moved", 0 },
        { "100-199,201-999", "/ok", 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (probe("-s", cases[i].list, url(cases[i].path), NULL)->status != cases[i].status)
            fail_msg("-s %s %s", cases[i].list, cases[i].path);
    assert_says(probe(url("/fail"), NULL), "  503, wanted 200-399\n");
    assert_says(probe("-s", "200,204-206", url("/fail"), NULL), "  503, wanted 200,204-206\n");
}

static void matchers_must_all_hold(void **state)
{
    static const struct {
        const char *args[4];
        const char *says; /* NULL: healthy */
    } cases[] = {
        { { "-b", "UP" }, NULL },
        { { "-b", "UP", "-b", "DOWN" }, "the body does not contain 'DOWN'" },
        { { "--json", "status=UP" }, NULL },
        { { "--json", "checks[0].ok=true", "--json", "uptime=12.5" }, NULL },
        { { "--json", "status=OK|UP" }, NULL },
        { { "--json", "status!=DOWN|OUT_OF_SERVICE" }, NULL },
        { { "--json", "status=OK|DOWN" }, "JSON: status is none of 'OK|DOWN'" },
        { { "--json", "status!=OK|UP" }, "JSON: status is one of 'OK|UP', which it must not be" },
        { { "--json", "nothing!=UP" }, "JSON: there is no nothing" },
        { { "--json", "checks[0].ok=false" }, "JSON: checks[0].ok is not 'false'" },
        { { "--json", "checks[1].ok=true" }, "JSON: there is no checks[1].ok\n" },
        { { "--json", "status=\"UP\"" }, "JSON: status is not '\"UP\"' (without quotes)\n" },
        { { "--json", "status=\"OK\"|\"UP\"" }, "JSON: status is none of '\"OK\"|\"UP\"' (without quotes)\n" },
        { { "--json", "status=\"" }, "JSON: status is not '\"'\n" },
        { { "--json", "status=\"UP" }, "JSON: status is not '\"UP'\n" },
        { { "--json", "status=UP\"" }, "JSON: status is not 'UP\"'\n" },
        { { "--json", "$.status=UP" }, "JSON: there is no $.status (a path begins without $)\n" },
        { { "--json", "$[0]=UP" }, "JSON: there is no $[0] (a path begins without $)\n" },
        { { "--json", "$status=UP" }, "JSON: there is no $status\n" },
        { { "--json", "checks.0.ok=true" }, "JSON: there is no checks.0.ok (an item of an array is [0])\n" },
        { { "--json", "status =UP" }, "JSON: there is no status  (a blank beside = counts)\n" },
        { { "--json", "checks.x0=true" }, "JSON: there is no checks.x0\n" },
        { { "--body-regex", "^\\{.*(UP|OK).*\\}$" }, NULL },
        { { "--body-regex", "^UP" }, "the body does not match '^UP'" },
        { { "--body-regex", "UP", "--json", "status=DOWN" }, "JSON: status is not 'DOWN'" },
    };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        const char *const *args = cases[i / 2].args, *says = cases[i / 2].says;
        const struct run_result *result =
            probe(url(i % 2 ? "/chunked" : "/ok"), args[0], args[1], args[2], args[3], NULL);
        if (result->status != (says ? 1 : 0) || (says && !strstr(result->out, says)))
            fail_msg("%s %s: %s", args[0], args[1], result->out);
        assert_says_not(result, "uptime\":"); /* never a piece of the body */
    }
}

static void redirects_are_followed_when_asked_for(void **state)
{
    (void)state;
    assert_status(probe(url("/moved"), NULL), 0);
    assert_seen("/moved\n", true);
    const struct run_result *result =
        probe("--follow", "-s", "200", "-H", "Cookie: a=b", "-H", "X-Key: z", "--user", "u:p", url("/moved"), NULL);
    assert_status(result, 0);
    assert_says(result, "  200 after 1 redirect in ");
    assert_seen("GET /ok\n", true);
    assert_seen("Cookie", false);
    assert_seen("Authorization", false);
    assert_seen("X-Key: z\n", true);
}

/* Two servers that lead to each other. */
static void what_another_port_has_led_to_gets_no_header_of_the_users(void **state)
{
    static const char pattern[] = "HTTP/1.1 302 Found\r\nLocation: http://localhost:%u/\r\n\r\n";
    static struct script_server first, second;
    uint16_t free_port = script_free_port("127.0.0.1");
    const struct script_step to_first[] = { { .verb = SCRIPT_READ },
                                            { .verb = SCRIPT_SEND, .bytes = format(pattern, free_port) },
                                            { .verb = SCRIPT_END } };

    (void)state;
    script_start(&second, "127.0.0.1", to_first);
    const struct script_step to_second[] = { { .verb = SCRIPT_READ },
                                             { .verb = SCRIPT_SEND, .bytes = format(pattern, second.port) },
                                             { .verb = SCRIPT_END } };
    script_start_port(&first, "127.0.0.1", free_port, to_second);
    const struct run_result *result =
        probe("--follow", "-4", "-HX-Key: z", "-HHost: app.example", "-HUser-Agent:", "-HCookie: a=b", "--user=u:p",
              format("http://localhost:%u/", free_port), NULL);
    assert_says(result, "more than 10 redirects");
    assert_count(script_log(&first), "GET / ", 6);
    assert_count(script_log(&first), "X-Key: z\r\n", 1);
    assert_count(script_log(&first), "Host: app.example\r\n", 1);
    assert_count(script_log(&first), "User-Agent: pith", 5);
    assert_count(script_log(&second), "GET / ", 5);
    assert_count(script_log(&second), "X-Key", 0);
    assert_count(script_log(&second), format("Host: localhost:%u\r\n", second.port), 5);
    assert_count(script_log(&second), "Cookie", 0);
    script_stop(&first);
    script_stop(&second);
}

/* Also by a redirect that does not change the port. */
static void who_was_led_to_another_port_once_gets_no_header_of_the_users_later(void **state)
{
    static const char pattern[] = "HTTP/1.1 302 Found\r\nLocation: http://localhost:%u/\r\n\r\n";
    static struct script_server first, second;
    uint16_t other = script_free_port("127.0.0.1");
    const struct script_step to_other[] = { { .verb = SCRIPT_READ },
                                            { .verb = SCRIPT_SEND, .bytes = format(pattern, other) },
                                            { .verb = SCRIPT_END } };

    (void)state;
    script_start(&first, "127.0.0.1", to_other);
    script_start_port(&second, "127.0.0.1", other, to_other);
    const struct run_result *result =
        probe("--follow", "-4", "-HX-Key: z", "--user=u:p", format("http://localhost:%u/", first.port), NULL);
    assert_says(result, "more than 10 redirects");
    assert_count(script_log(&first), "X-Key: z\r\n", 1);
    assert_count(script_log(&second), "GET / ", 10);
    assert_count(script_log(&second), "X-Key", 0);
    assert_count(script_log(&second), "Authorization", 0);
    script_stop(&first);
    script_stop(&second);
}

/* RFC 9110, 6.4.1. The connection stays open. */
static void a_body_that_cannot_come_is_not_waited_for(void **state)
{
    static const char *const cases[][2] = {
        { "HTTP/1.1 101 Switching Protocols\r\n\r\n", "-s101" },
        { "HTTP/1.1 204 No Content\r\n\r\n", "-s204" },
        { "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "-s304" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        static struct script_server server;
        const struct script_step steps[] = { { .verb = SCRIPT_READ },
                                             { .verb = SCRIPT_SEND, .bytes = cases[i][0] },
                                             { .verb = SCRIPT_HOLD },
                                             { .verb = SCRIPT_END } };
        script_start(&server, "127.0.0.1", steps);
        assert_says(probe(cases[i][1], "-bx", format("http://127.0.0.1:%u/", server.port), NULL),
                    "  the body does not contain 'x'\n");
        script_stop(&server);
    }
}

/* Two ports, and only one of them stands in the line otherwise. */
static void a_redirect_that_fails_names_hop_and_port(void **state)
{
    static const struct script_step silent[] = { { .verb = SCRIPT_READ }, { .verb = SCRIPT_HOLD }, { SCRIPT_END } };
    static const struct script_step away[] = {
        { .verb = SCRIPT_READ },
        { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\n\r\n" },
        { .verb = SCRIPT_END },
    };
    static const struct {
        const struct script_step *steps; /* of the second server; NULL: there is none */
        const char *option, *says;
    } cases[] = {
        { NULL, "-q", "  connection refused (127.0.0.1), after 1 redirect, to port %u\n" },
        { script_sorry, "-q", "  503, wanted 200-399, after 1 redirect, to port %u\n" },
        { script_sorry, "-s500", "  503, wanted 500, after 1 redirect, to port %u\n" },
        { silent, "-t200ms", "  timed out after 200ms waiting for the status line, after 1 redirect, to port %u\n" },
        { away, "-q", "  redirect to another host, after 1 redirect, to port %u\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        static struct script_server first, second;
        uint16_t last = script_free_port("127.0.0.1");
        if (cases[i].steps) {
            script_start(&second, "127.0.0.1", cases[i].steps);
            last = second.port;
        }
        const struct script_step moved[] = {
            { .verb = SCRIPT_READ },
            { .verb = SCRIPT_SEND,
              .bytes = format("HTTP/1.1 302 Found\r\nLocation: http://localhost:%u/\r\n\r\n", last) },
            { .verb = SCRIPT_END },
        };
        script_start(&first, "127.0.0.1", moved);
        const struct run_result *result =
            probe("--follow", "-4", cases[i].option, format("http://127.0.0.1:%u/", first.port), NULL);
        assert_status(result, 1);
        if (!strstr(result->out, format(cases[i].says, last)))
            fail_msg("'%s' is not in %s", cases[i].says, result->out);
        script_stop(&first);
        if (cases[i].steps)
            script_stop(&second);
    }
    const struct run_result *result = probe("--follow", "-bno", url("/moved"), NULL);
    assert_non_null(
        strstr(result->out, format("  the body does not contain 'no', after 1 redirect, to port %u\n", port)));
}

/* Whoever reads the report would take the first server's 302 for an answer of the last one. */
static void status_and_times_are_those_of_the_last_server(void **state)
{
    static struct script_server first;
    const struct script_step moved[] = {
        { .verb = SCRIPT_READ },
        { .verb = SCRIPT_SEND,
          .bytes =
              format("HTTP/1.1 302 Found\r\nLocation: http://localhost:%u/\r\n\r\n", script_free_port("127.0.0.1")) },
        { .verb = SCRIPT_END },
    };

    (void)state;
    script_start(&first, "127.0.0.1", moved);
    const struct run_result *result =
        probe("--follow", "-4", "-ojson", format("http://127.0.0.1:%u/", first.port), NULL);
    script_stop(&first);
    assert_status(result, 1);
    assert_says(result, "connection refused (127.0.0.1), after 1 redirect");
    assert_says_not(result, "302");
    assert_says(result, "\"first_byte\":null");
    assert_says_not(result, format("\"127.0.0.1:%u\"", first.port));
}

static void redirects_are_10_at_most(void **state)
{
    (void)state;
    const struct run_result *result = probe("--follow", "-s", "200", url("/hop/10"), NULL);
    assert_status(result, 0);
    assert_says(result, "  200 after 10 redirects in ");
    result = probe("--follow", "-s", "201", url("/hop/10"), NULL);
    assert_says(result, format("  200, wanted 201, after 10 redirects, to port %u\n", port));
    result = probe("--follow", "-s", "200,302", url("/hop/11"), NULL);
    assert_status(result, 1);
    assert_says(result, "  more than 10 redirects\n");
}

static void a_slow_answer_is_unhealthy_when_asked_for(void **state)
{
    (void)state;
    assert_status(probe(url("/slow"), "--max-latency", "5s", NULL), 0);
    const struct run_result *result = probe(url("/slow"), "--max-latency", "50ms", NULL);
    assert_status(result, 1);
    assert_says(result, "more than 50ms");
    result = probe(url("/slow"), "-t", "100ms", NULL);
    assert_status(result, 1);
    assert_says(result, "timed out after 100ms waiting for the status line");
    assert_took(result, 100, 100 + GRACE_MS);
}

static void many_targets_are_probed_at_once(void **state)
{
    char all[4096] = "HEALTHCHECK_TARGET=";
    const char *slow = url("/slow");

    (void)state;
    for (int i = 0; i < 32; i++)
        strcat(strcat(all, slow), " ");
    probe_variables[0] = all;
    const struct run_result *result = probe("-t", "4s", NULL);
    probe_variables[0] = NULL;
    assert_status(result, 0);
    assert_took(result, 200, 2000); /* one after the other they would take 6.4 s */
    size_t lines = 0;
    for (const char *at = result->out; (at = strstr(at, "ok    http://")); at++)
        lines++;
    assert_int_equal(lines, 32);
}

static void all_must_be_healthy_or_any(void **state)
{
    const char *good = url("/ok"), *bad = url("/fail");

    (void)state;
    assert_status(probe(good, bad, NULL), 1);
    assert_status(probe(good, good, NULL), 0);
    assert_status(probe("--any", bad, good, NULL), 0);
    assert_status(probe("--any", bad, bad, NULL), 1);
    const struct run_result *result =
        probe("--any", "-t", "5s", url("/ok"), format("http://127.0.0.1:%u/slow", port), NULL);
    assert_status(result, 0);
    assert_took(result, 0, 190); /* it did not wait for the slow one */
}

static void options_may_stand_anywhere(void **state)
{
    const char *good = url("/ok");

    (void)state;
    assert_status(probe("-q", good, "-s", "200", good, "-t", "3s", NULL), 0);
    assert_status(probe(good, "-qs503", NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probe_asks_politely),
        cmocka_unit_test(methods_are_get_head_and_options),
        cmocka_unit_test(headers_and_users_are_sent),
        cmocka_unit_test(statuses_are_judged),
        cmocka_unit_test(matchers_must_all_hold),
        cmocka_unit_test(redirects_are_followed_when_asked_for),
        cmocka_unit_test(what_another_port_has_led_to_gets_no_header_of_the_users),
        cmocka_unit_test(who_was_led_to_another_port_once_gets_no_header_of_the_users_later),
        cmocka_unit_test(a_body_that_cannot_come_is_not_waited_for),
        cmocka_unit_test(a_redirect_that_fails_names_hop_and_port),
        cmocka_unit_test(status_and_times_are_those_of_the_last_server),
        cmocka_unit_test(redirects_are_10_at_most),
        cmocka_unit_test(a_slow_answer_is_unhealthy_when_asked_for),
        cmocka_unit_test(many_targets_are_probed_at_once),
        cmocka_unit_test(all_must_be_healthy_or_any),
        cmocka_unit_test(options_may_stand_anywhere),
    };
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };

    daemon_ = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC, 0, NULL,
                               NULL, answer, NULL, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_END);
    if (!daemon_) {
        perror("MHD_start_daemon");
        return EXIT_FAILURE;
    }
    port = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT)->port;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MHD_stop_daemon(daemon_);
    return failed;
}
