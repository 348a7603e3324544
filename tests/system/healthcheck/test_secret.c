/* ${file:PATH}: the server gets what is in the file, and nobody else does. */
#include "support/probe.h"
#include "support/scratch.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/test.h"

#include <sys/stat.h>
#include <unistd.h>

static const struct script_step denied[] = { { .verb = SCRIPT_READ },
                                             { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 401 no\r\n\r\n" },
                                             { .verb = SCRIPT_END } };
static struct script_server server, strict;

/* A password that means something to a URL, to a shell and to an expansion. */
static const char secret[] = "p:a/s%s@w?o#r d$$${PATH}\xc3\xa9";
/* u: in front of it, in base64 (RFC 4648). */
static const char encoded[] = "Authorization: Basic dTpwOmEvcyVzQHc/byNyIGQkJCR7UEFUSH3DqQ==\r\n";

/* A file of these bytes; its reference in static storage. */
static const char *file(const char *name, const char *bytes, size_t length)
{
    FILE *out = fopen(scratch_path(name), "we");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, length, out), length);
    fclose(out);
    return format("${file:%s}", scratch_path(name));
}

static const char *text_file(const char *name, const char *text)
{
    return file(name, text, strlen(text));
}

static unsigned connections(void)
{
    return atomic_load(&server.connections) + atomic_load(&strict.connections);
}

/* The probe is healthy, its server got LINE, and its output has nothing of the secret. */
static void expect_sent(const struct run_result *result, const char *line)
{
    assert_status(result, 0);
    assert_has(script_log(&server), line);
    assert_lacks(result->out, "p:a");
    assert_lacks(result->out, "p%3A");
}

static void a_target_an_option_and_a_header_have_it(void **state)
{
    const char *password = text_file("password", secret), *plain = format("http://127.0.0.1:%d/", server.port);

    (void)state;
    expect_sent(probe(format("http://u:%s@127.0.0.1:%d/target", password, server.port), NULL), encoded);
    assert_has(script_log(&server), "GET /target ");
    expect_sent(probe("-v", "--user", format("u:%s", password), plain, NULL), encoded);
    expect_sent(probe("-ojson", "-H", format("X-Key: %s", password), plain, NULL), format("X-Key: %s\r\n", secret));
    probe_variables[0] = format("HEALTHCHECK_USER=u:%s", password);
    probe_variables[1] = format("HEALTHCHECK_TARGET=%s", plain);
    expect_sent(probe("-v", NULL), encoded);
    probe_variables[0] = probe_variables[1] = NULL;
}

static void user_and_password_may_be_one_file_or_two(void **state)
{
    const char *user = text_file("user", "u"), *both = text_file("both", format("u:%s", secret));

    (void)state;
    expect_sent(probe(format("http://%s:%s@127.0.0.1:%d/", user, text_file("password", secret), server.port), NULL),
                encoded);
    expect_sent(probe(format("http://%s@127.0.0.1:%d/", both, server.port), NULL), encoded);
}

static void newlines_at_the_end_are_dropped(void **state)
{
    const char *const ends[] = { "\n", "\n\n\n", "\r\n" };

    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        const char *password = text_file("password", format("%s%s", secret, ends[i]));
        expect_sent(probe(format("http://u:%s@127.0.0.1:%d/", password, server.port), NULL), encoded);
    }
}

static void expect_refused(const struct run_result *result, unsigned before, const char *says)
{
    assert_status(result, 1);
    assert_string_equal(result->out, "");
    assert_complains(result, says);
    assert_count(result->err, "\n", 1);
    if (strstr(result->err, "geheim"))
        fail_msg("the secret is in: %s", result->err);
    assert_int_equal(connections(), before);
}

static void what_holds_more_than_a_line_or_64_kib_is_refused(void **state)
{
    static char large[65537];
    const char *target = format("http://127.0.0.1:%d/", server.port);
    unsigned before = connections();

    (void)state;
    expect_refused(probe("--user", format("u:%s", text_file("two", "geheim\ngeheim")), target, NULL), before,
                   "has a control character in it");
    expect_refused(probe("-H", format("A: %s", file("nul", "geheim\0x", 8)), target, NULL), before,
                   "has a control character in it");
    memset(large, 'g', sizeof large);
    expect_refused(probe("-H", format("A: %s", file("large", large, 65537)), target, NULL), before,
                   "is larger than 64 KiB");
    memset(large, '\n', sizeof large);
    memcpy(large, secret, strlen(secret));
    expect_sent(probe("--user", format("u:%s", file("padded", large, 65536)), target, NULL), encoded);
}

static void what_cannot_be_read_is_told_and_nobody_waits_for_it(void **state)
{
    const char *target = format("http://127.0.0.1:%d/", server.port);
    unsigned before = connections();

    (void)state;
    expect_refused(probe("--user", format("u:${file:%s}", scratch_path("none")), target, NULL), before,
                   format("--user: '%s': No such file or directory", scratch_path("none")));
    expect_refused(probe(format("http://u:${file:%s}@127.0.0.1:%d/", scratch_directory(), server.port), NULL), before,
                   "': Is a directory");
    expect_refused(probe("--user", "u:${file:relative}", target, NULL), before, "'file' needs :-");
    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    const struct run_result *result = probe("--user", format("u:${file:%s}", scratch_path("fifo")), target, NULL);
    expect_refused(result, before, "/fifo' is empty");
    assert_took(result, 0, GRACE_MS);
}

/* A probe that logs in with nothing would often be one without a login, and healthy. */
static void an_empty_one_is_refused(void **state)
{
    const char *empty = text_file("empty", "\r\n"), *target = format("http://127.0.0.1:%d/", server.port);
    unsigned before = connections();

    (void)state;
    expect_refused(probe("-H", format("Authorization: Bearer %s", empty), target, NULL), before, "/empty' is empty");
    expect_refused(probe(format("redis://:%s@127.0.0.1:%d", empty, server.port), NULL), before, "/empty' is empty");
    expect_refused(probe(format("postgresql://u:%s@127.0.0.1:%d/", empty, server.port), NULL), before,
                   "/empty' is empty");
}

/* Where it would be shown, it is not read. */
static void anywhere_else_it_is_a_usage_error(void **state)
{
    const char *ref = text_file("key", "geheim"), *target = format("http://127.0.0.1:%d/", server.port);
    const char *const targets[] = {
        format("http://127.0.0.1:%d/%s", server.port, ref),
        format("http://127.0.0.1:%d/?key=%s", server.port, ref),
        format("http://127.0.0.1:%d/#%s", server.port, ref),
        format("http://%s:%d/", ref, server.port),
        format("http://127.0.0.1:%s/", ref),
        format("process://%s", ref),
        format("process://%s@x", ref),
        format("file:///%s@x", ref),
        format("tcp://u:%s@127.0.0.1:%d", ref, server.port),
        format("%s://u@127.0.0.1:%d", ref, server.port),
        ref,
    };
    const char *const options[] = { "--cacert", "--status", "--json", "--body-contains", "--timeout", "--servername" };
    unsigned before = connections();

    (void)state;
    for (size_t i = 0; i < COUNT(targets); i++)
        expect_refused(probe(targets[i], NULL), before, "healthcheck: ");
    for (size_t i = 0; i < COUNT(options); i++)
        expect_refused(probe(options[i], ref, target, NULL), before,
                       "' may stand only in a target's user and password, in --user and in --header\n");
}

static void a_failure_shows_nothing_of_it(void **state)
{
    const char *ref = text_file("key", "geheim");

    (void)state;
    for (const char *const *format_ = (const char *const[]){ "-otext", "-ojson", "-v", NULL }; *format_; format_++) {
        const struct run_result *result =
            probe(*format_, format("http://geheim:%s@127.0.0.1:%d/", ref, strict.port),
                  format("http://%s@127.0.0.1:%d/", ref, script_free_port("127.0.0.1")), NULL);
        assert_status(result, 1);
        assert_says(result, "401");
        assert_says(result, "***@127.0.0.1");
        assert_says_not(result, "geheim");
        assert_lacks(result->err, "geheim");
        result = probe(*format_, "-t300ms", format("amqp://u:%s@127.0.0.1:%d", ref, strict.port), NULL);
        assert_status(result, 1);
        assert_says_not(result, "geheim");
    }
}

static int start(void **state)
{
    (void)state;
    script_start(&server, "127.0.0.1", script_ok);
    script_start(&strict, "127.0.0.1", denied);
    return 0;
}

static int stop(void **state)
{
    script_stop(&server);
    script_stop(&strict);
    return scratch_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_an_option_and_a_header_have_it),
        cmocka_unit_test(user_and_password_may_be_one_file_or_two),
        cmocka_unit_test(newlines_at_the_end_are_dropped),
        cmocka_unit_test(what_holds_more_than_a_line_or_64_kib_is_refused),
        cmocka_unit_test(what_cannot_be_read_is_told_and_nobody_waits_for_it),
        cmocka_unit_test(an_empty_one_is_refused),
        cmocka_unit_test(anywhere_else_it_is_a_usage_error),
        cmocka_unit_test(a_failure_shows_nothing_of_it),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
