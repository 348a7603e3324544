/* What is said in the end: reports within Docker's limit, and verdicts about JSON bodies. */
#include "healthcheck/http/json.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/report.h"
#include "pith/duration.h"
#include "support/guard.h"
#include "support/test.h"

static struct target targets[TARGETS_MAX];
static struct result results[TARGETS_MAX];
static char bytes[REPORT_MAX + 1];
static const struct hints *hints;

static void set(size_t i, const char *target, bool healthy, const char *reason)
{
    struct target_error error;

    assert_true(target_parse(target, &targets[i], &error));
    result_init(&results[i]);
    if (healthy)
        result_ok(&results[i], reason, NULL);
    else
        result_fail(&results[i], reason, NULL);
}

static const char *report(const struct check_conf *conf, size_t count)
{
    struct text out = { bytes, REPORT_MAX, 0 };

    report_put(conf, targets, results, count, hints, &out);
    assert_true(out.length <= REPORT_MAX);
    bytes[out.length] = '\0';
    return bytes;
}

static size_t lines_of(const char *string)
{
    size_t lines = 0;

    for (; *string; string++)
        lines += *string == '\n';
    return lines;
}

static void a_line_says_verdict_target_and_reason(void **state)
{
    static const struct check_conf conf = { .json_output = false };

    (void)state;
    set(0, ":8080/health", true, "200 in 1.2 ms");
    set(1, "tcp://localhost:5432", false, "connection refused (127.0.0.1, ::1)");
    assert_string_equal(report(&conf, 2), "ok    http://localhost:8080/health  200 in 1.2 ms\n"
                                          "FAIL  tcp://localhost:5432  connection refused (127.0.0.1, ::1)\n");
}

static void verbose_adds_the_phases_that_there_were(void **state)
{
    static const struct check_conf conf = { .verbose = true };

    (void)state;
    set(0, ":80", true, "200");
    results[0].times[TIME_CONNECT] = 1250000;
    results[0].times[TIME_TOTAL] = 12 * NS_PER_MS;
    memcpy(results[0].address, "127.0.0.1:80", results[0].address_length = 12);
    assert_string_equal(report(&conf, 1), "ok    http://localhost:80  200\n"
                                          "      127.0.0.1:80  connect 1.2 ms, total 12.0 ms\n");
}

static void json_has_every_field(void **state)
{
    static const struct check_conf conf = { .json_output = true };

    (void)state;
    set(0, ":80", true, "200");
    set(1, "unix:///x", false, "no");
    results[0].status = 200;
    results[0].times[TIME_CONNECT] = 1250000;
    results[0].times[TIME_TOTAL] = 12 * NS_PER_MS + 3000;
    memcpy(results[0].address, "127.0.0.1:80", results[0].address_length = 12);
    assert_string_equal(report(&conf, 2),
                        "{\"target\":\"http://localhost:80\",\"healthy\":true,\"status\":200,\"reason\":\"200\","
                        "\"address\":\"127.0.0.1:80\",\"times_ms\":{\"resolve\":null,\"connect\":1.250,\"tls\":null,"
                        "\"first_byte\":null,\"total\":12.003}}\n"
                        "{\"target\":\"unix:///x\",\"healthy\":false,\"status\":null,\"reason\":\"no\","
                        "\"address\":null,\"times_ms\":{\"resolve\":null,\"connect\":null,\"tls\":null,"
                        "\"first_byte\":null,\"total\":null}}\n");
}

/* What a reason becomes, in text and in JSON. */
static const struct {
    const char *raw, *text, *json;
} reasons[] = {
    { "plain", "plain", "plain" },
    { "quote \" and \\", "quote \" and \\", "quote \\\" and \\\\" },
    { "\x1b[31mred\x07\r\n\t\x7f", "?[31mred?????", "?[31mred?????" },
    { "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x92\x9a", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x92\x9a",
      "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x92\x9a" },
    { "c1 \xc2\x9b\xc2\x80", "c1 ????", "c1 ????" },
    { "turned \xe2\x80\xae"
      "abc\xe2\x81\xa6 \xd8\x9c",
      "turned ???abc??? ??", "turned ???abc??? ??" },
    { "hidden \xe2\x80\x8b\xef\xbb\xbf\xc2\xad\xf3\xa0\x80\xa1", "hidden ????????????", "hidden ????????????" },
    { "lines \xe2\x80\xa8\xe2\x80\xa9\xc2\x85", "lines ????????", "lines ????????" },
    { "cut \xe2\x82", "cut ??", "cut ??" },
    { "overlong \xc0\xaf \xe0\x80\xaf", "overlong ?? ???", "overlong ?? ???" },
    { "surrogate \xed\xa0\x80", "surrogate ???", "surrogate ???" },
    { "beyond \xf4\x90\x80\x80 \xff", "beyond ???? ?", "beyond ???? ?" },
};

static void reports_hold_no_control_characters_and_only_utf_8(void **state)
{
    static const struct check_conf text = { .json_output = false }, json = { .json_output = true };

    (void)state;
    for (size_t i = 0; i < COUNT(reasons); i++) {
        char wanted[256];
        set(0, ":80", false, reasons[i].raw);
        snprintf(wanted, sizeof wanted, "FAIL  http://localhost:80  %s\n", reasons[i].text);
        assert_string_equal(report(&text, 1), wanted);
        snprintf(wanted, sizeof wanted, ",\"reason\":\"%s\",", reasons[i].json);
        if (!strstr(report(&json, 1), wanted))
            fail_msg("%s is not in %s", wanted, bytes);
    }
}

static void fill(size_t count, size_t path, size_t reason)
{
    char url[TARGET_LENGTH_MAX + 1] = "http://localhost/", why[RESULT_REASON_SIZE] = "";

    memset(url + strlen(url), 'p', path);
    memset(why, 'r', reason);
    for (size_t i = 0; i < count; i++) {
        static char urls[TARGETS_MAX][TARGET_LENGTH_MAX + 1];
        strcpy(urls[i], url);
        set(i, urls[i], false, why);
        memset(results[i].address, 'a', results[i].address_length = RESULT_ADDRESS_SIZE);
        for (size_t t = 0; t < TIMES_COUNT; t++)
            results[i].times[t] = INT64_MAX;
        results[i].status = 200;
    }
}

static void reports_stay_within_4095_bytes_and_keep_every_line(void **state)
{
    static const size_t paths[] = { 0, 40, 300, 8000 }, reason_lengths[] = { 1, 40, 250 }, counts[] = { 1, 7, 31, 32 };

    (void)state;
    for (size_t i = 0; i < COUNT(paths) * COUNT(reason_lengths) * COUNT(counts); i++) {
        size_t count = counts[i % COUNT(counts)];
        struct check_conf conf = { .verbose = true };
        fill(count, paths[i / COUNT(counts) % COUNT(paths)], reason_lengths[i / COUNT(counts) / COUNT(paths)]);
        assert_true(lines_of(report(&conf, count)) % count == 0);
        assert_has(bytes, "FAIL  http://localhost/");
        conf = (struct check_conf){ .json_output = true };
        assert_int_equal(lines_of(report(&conf, count)), count);
        assert_string_equal(bytes + strlen(bytes) - 2, "}\n");
    }
}

static void near_the_limit_times_go_first_and_then_addresses(void **state)
{
    static const struct check_conf json = { .json_output = true };

    (void)state;
    fill(10, 0, 1);
    assert_has(report(&json, 10), "times_ms");
    fill(13, 0, 20);
    assert_lacks(report(&json, 13), "times_ms");
    assert_has(bytes, "\"address\":\"aaa");
    fill(20, 0, 40);
    assert_lacks(report(&json, 20), "address");
    assert_lacks(bytes, "...");
    fill(32, 30, 100);
    assert_has(report(&json, 32), "...");
}

/* --- hints ----------------------------------------------------------------------- */

static struct hints all_hints;

static void set_hint(enum result_cause cause, const char *text)
{
    hints = &all_hints;
    memcpy(all_hints.text[cause], text, all_hints.length[cause] = strlen(text));
}

static int forget_hints(void **state)
{
    (void)state;
    hints = NULL;
    memset(&all_hints, 0, sizeof all_hints);
    return 0;
}

static void a_hint_is_a_line_below_what_failed(void **state)
{
    static const struct check_conf text = { .verbose = true }, json = { .json_output = true };

    (void)state;
    set(0, ":80", false, "refused");
    set(1, ":81", true, "200");
    set(2, ":82", false, "404");
    set(3, ":83", false, "late");
    results[0].cause = results[1].cause = CAUSE_REFUSED;
    results[3].cause = CAUSE_STALLED;
    set_hint(CAUSE_REFUSED, "here \x1b\"listen\"");
    results[0].times[TIME_TOTAL] = NS_PER_MS;
    assert_string_equal(report(&text, 4), "FAIL  http://localhost:80  refused\n"
                                          "      here ?\"listen\"\n"
                                          "      total 1.0 ms\n"
                                          "ok    http://localhost:81  200\n"
                                          "FAIL  http://localhost:82  404\n"
                                          "FAIL  http://localhost:83  late\n");
    assert_has(report(&json, 4), "\"reason\":\"refused\",\"hint\":\"here ?\\\"listen\\\"\",\"address\":");
    assert_count(bytes, "\"hint\":", 1);
}

static void fill_hinted(size_t count, size_t length)
{
    char hint[HINT_SIZE] = "";

    memset(hint, 'h', length);
    set_hint(CAUSE_STALLED, hint);
    fill(count, 0, 1);
    for (size_t i = 0; i < count; i++)
        results[i].cause = CAUSE_STALLED;
}

/* First those that were told before; then all; and what is told without hints is never less for them. */
static void near_the_limit_hints_go_first(void **state)
{
    static const struct check_conf json = { .json_output = true };

    (void)state;
    fill_hinted(4, 500);
    assert_count(report(&json, 4), "\"hint\":", 4);
    fill_hinted(8, 500);
    assert_count(report(&json, 8), "\"hint\":", 1);
    assert_count(bytes, "times_ms", 8);
    fill_hinted(11, 500);
    assert_lacks(report(&json, 11), "hint");
    assert_count(bytes, "times_ms", 11);
    fill_hinted(32, 5);
    results[0].healthy = true;
    assert_lacks(report(&json, 32), "hint");
}

static void a_cut_never_splits_a_character_or_an_escape(void **state)
{
    static const struct check_conf json = { .json_output = true };

    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        char why[RESULT_REASON_SIZE] = "";
        memset(why, 'x', shift);
        while (strlen(why) + 6 < sizeof why)
            strcat(why, "\xe2\x82\xac\"");
        for (size_t i = 0; i < TARGETS_MAX; i++)
            set(i, ":80", false, why);
        report(&json, TARGETS_MAX);
        assert_null(strchr(bytes, '?'));
        assert_lacks(bytes, "\\...");
        assert_has(bytes, "...\"}\n");
    }
}

/* --- JSON ------------------------------------------------------------------------ */

static enum json_verdict match(const char *document, const char *wanted)
{
    struct span path;
    const char *value;
    bool differs;

    if (!json_split(wanted, &path, &value, &differs))
        fail_msg("'%s' is a match", wanted);
    return json_match(guarded(document, strlen(document)), strlen(document), path, value);
}

static void a_match_may_be_one_of_several_values_or_none_of_them(void **state)
{
    static const struct {
        const char *match, *path;
        bool differs;
    } cases[] = {
        { "a=1", "a", false },   { "a!=1", "a", true }, { "a=!1", "a", false }, { "[\"a!\"]=1", "[\"a!\"]", false },
        { "a!!=1", "a!", true },
    };
    struct span path;
    const char *value;
    bool differs;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(json_split(cases[i].match, &path, &value, &differs));
        assert_int_equal(path.length, strlen(cases[i].path));
        assert_memory_equal(path.at, cases[i].path, path.length);
        assert_int_equal(differs, cases[i].differs);
    }
    assert_false(json_split("!=1", &path, &value, &differs));
    const char document[] = "{\"s\":\"UP\",\"n\":2.0,\"b\":true,\"e\":\"\",\"o\":{}}";
    const char *const equal[] = {
        "s=UP|DOWN", "s=DOWN|UP", "s=A|B|UP", "n=1|2|3", "b=false|true", "e=x|", "e=|x", "e="
    };
    const char *const different[] = { "s=DOWN|OUT", "s=U|P", "s=UP |DOWN", "n=1|3", "b=false|null", "e=x|y", "o=|{}" };
    for (size_t i = 0; i < COUNT(equal); i++)
        assert_int_equal(match(document, equal[i]), JSON_EQUAL);
    for (size_t i = 0; i < COUNT(different); i++)
        assert_int_equal(match(document, different[i]), JSON_DIFFERENT);
    assert_int_equal(match(document, "x=1|2"), JSON_MISSING);
}

static void json_values_are_compared(void **state)
{
    static const struct {
        const char *document, *match;
        enum json_verdict verdict;
    } cases[] = {
        { "{\"status\":\"UP\"}", "status=UP", JSON_EQUAL },
        { " { \"status\" : \"UP\" } \n", "status=UP", JSON_EQUAL },
        { "{\"status\":\"up\"}", "status=UP", JSON_DIFFERENT },
        { "{\"status\":\"UPP\"}", "status=UP", JSON_DIFFERENT },
        { "{\"status\":\"U\"}", "status=UP", JSON_DIFFERENT },
        { "{\"state\":\"UP\"}", "status=UP", JSON_MISSING },
        { "{\"status\":\"\"}", "status=", JSON_EQUAL },
        { "{\"a\":{\"b\":[1,{\"c\":true}]}}", "a.b[1].c=true", JSON_EQUAL },
        { "{\"a\":{\"b\":[1,{\"c\":true}]}}", "a.b[2].c=true", JSON_MISSING },
        { "{\"a\":{\"b\":[1,{\"c\":true}]}}", "a.b=true", JSON_DIFFERENT },
        { "{\"checks\":[{\"ok\":true},{\"ok\":false}]}", "checks[0].ok=true", JSON_EQUAL },
        { "{\"checks\":[{\"ok\":true},{\"ok\":false}]}", "checks[1].ok=true", JSON_DIFFERENT },
        { "[{\"ok\":null}]", "[0].ok=null", JSON_EQUAL },
        { "[[1,2],[3]]", "[1][0]=3", JSON_EQUAL },
        { "{\"a.b\":1}", "[\"a.b\"]=1", JSON_EQUAL },
        { "{\"a\\\"b\":1}", "[\"a\\\"b\"]=1", JSON_EQUAL },
        { "{\"=\":1}", "[\"=\"]=1", JSON_EQUAL },
        { "{\"\":1}", "[\"\"]=1", JSON_EQUAL },
        { "{\"a\":[{\"b c\":1}]}", "a[0][\"b c\"]=1", JSON_EQUAL },
        { "{\"a\":[0]}", "a[123456789]=0", JSON_MISSING },
        { "{\"0\":1}", "[0]=1", JSON_MISSING },
        { "[1]", "[\"0\"]=1", JSON_MISSING },
        { "[1]", "0=1", JSON_MISSING },
        { "{\"n\":1.50e1}", "n=15", JSON_EQUAL },
        { "{\"n\":15}", "n=0.15E2", JSON_EQUAL },
        { "{\"n\":-0}", "n=0", JSON_EQUAL },
        { "{\"n\":1e10}", "n=10000000000", JSON_EQUAL },
        { "{\"n\":1500000000000}", "n=1.5E+12", JSON_EQUAL },
        { "{\"n\":1e11}", "n=1e10", JSON_DIFFERENT },
        { "{\"n\":1e999999999}", "n=1e999999998", JSON_DIFFERENT },
        { "{\"n\":1e10000000001}", "n=1e10000000002", JSON_EQUAL }, /* beyond a billion they are not told apart */
        { "{\"n\":1e-10000000001}", "n=1e-10000000002", JSON_EQUAL },
        { "{\"n\":1e10000000001}", "n=1e-10000000001", JSON_DIFFERENT },
        { "{\"s\":\"a\\\\b\"}", "s=a\\b", JSON_EQUAL },
        { "{\"s\":\"\\udbff\\udfff\"}", "s=\xf4\x8f\xbf\xbf", JSON_EQUAL },
        { "{\"s\":\"\\ud800\\udc00\"}", "s=\xf0\x90\x80\x80", JSON_EQUAL },
        { "{\"s\":\"\\udc00\\udc00\"}", "s=\xef\xbf\xbd\xef\xbf\xbd", JSON_EQUAL },
        { "{\"n\":10000000000000000000001}", "n=10000000000000000000000", JSON_DIFFERENT },
        { "{\"n\":1}", "n=01", JSON_DIFFERENT },
        { "{\"n\":\"1\"}", "n=1", JSON_EQUAL },
        { "{\"n\":true}", "n=1", JSON_DIFFERENT },
        { "{\"s\":\"\\u00e9\\n\\/\"}", "s=\xc3\xa9\n/", JSON_EQUAL },
        { "{\"s\":\"\\ud83d\\udc9a\"}", "s=\xf0\x9f\x92\x9a", JSON_EQUAL },
        { "{\"s\":\"\\ud83d\\u0041\\udc9a\"}",
          "s=\xef\xbf\xbd"
          "A\xef\xbf\xbd",
          JSON_EQUAL },
        { "{\"a\":1,\"a\":2}", "a=2", JSON_EQUAL },
        { "{\"a\":2,\"a\":1}", "a=2", JSON_DIFFERENT },
        { "{\"a\":{\"b\":1},\"a\":{}}", "a.b=1", JSON_MISSING },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (match(cases[i].document, cases[i].match) != cases[i].verdict)
            fail_msg("%s in %s", cases[i].match, cases[i].document);
}

static void what_is_not_json_is_told(void **state)
{
    static const char *const documents[] = {
        "",
        " ",
        "{",
        "{\"a\":1",
        "{\"a\":1}}",
        "{\"a\":1} x",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1,}",
        "[1,]",
        "[1 2]",
        "01",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":tru}",
        "{\"a\":\"\x01\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"",
        "{\"a\"}",
        "{\"a\":1 \"b\":2}",
        "<html>",
        "{\"a\":1}\n{\"a\":1}",
        "nul",
        "\"abc",
        "-",
        "1e",
        "{\"a\":NaN}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(documents); i++)
        if (match(documents[i], "a=1") != JSON_INVALID)
            fail_msg("'%s' is not JSON", documents[i]);
}

static void every_beginning_of_a_document_is_cut_off(void **state)
{
    static const char document[] = "{\"a\":[true,null,{\"b\":\"\\u00e9\\\\x\"},-1.5e+3],\"c\":{}}";

    (void)state;
    for (size_t length = 0; length < sizeof document - 1; length++) {
        struct span path = { "a", 1 };
        assert_int_equal(json_match(guarded(document, length), length, path, "1"), JSON_INVALID);
    }
}

static void nesting_has_an_end(void **state)
{
    char document[600];

    (void)state;
    for (size_t depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        memset(document, '[', depth);
        memset(document + depth, ']', depth);
        document[2 * depth] = '\0';
        assert_int_equal(match(document, "a=1"), depth == JSON_DEPTH_MAX ? JSON_MISSING : JSON_INVALID);
    }
}

static void malformed_matches_are_refused(void **state)
{
    static const char *const bad[] = {
        "",       "a",       "=x",       "a..b=1",          ".a=1",       "a.=1",        "a[=1",
        "a[x]=1", "a[]=1",   "a[0=1",    "[\"a=1",          "[\"a\"=1",   "a[0]b=1",     "[=1",
        "a[1",    "a[1x]=1", "a[-1]=1",  "a[1234567890]=1", "[\"a\"x]=1", "[\"a\\\"]=1", "[\"a\\",
        "a]=1",   "a\"=1",   "a\"b\"=1", "[0]a=1",          "[0].=1",     "a[0].=1",     "[\"a\"x=1",
        ".=1",    "!=1",     "a.[0]=1",  "a[0]bc=1",        "[0]ab=1",    "[\"a\"]bc=1", "a[0]bc.d=1"
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct span path;
        const char *value;
        bool differs;
        if (json_split(bad[i], &path, &value, &differs))
            fail_msg("'%s' passed", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_verdict_target_and_reason),
        cmocka_unit_test(verbose_adds_the_phases_that_there_were),
        cmocka_unit_test(json_has_every_field),
        cmocka_unit_test(reports_hold_no_control_characters_and_only_utf_8),
        cmocka_unit_test(reports_stay_within_4095_bytes_and_keep_every_line),
        cmocka_unit_test(near_the_limit_times_go_first_and_then_addresses),
        cmocka_unit_test(a_cut_never_splits_a_character_or_an_escape),
        cmocka_unit_test_teardown(a_hint_is_a_line_below_what_failed, forget_hints),
        cmocka_unit_test_teardown(near_the_limit_hints_go_first, forget_hints),
        cmocka_unit_test(json_values_are_compared),
        cmocka_unit_test(what_is_not_json_is_told),
        cmocka_unit_test(every_beginning_of_a_document_is_cut_off),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(malformed_matches_are_refused),
        cmocka_unit_test(a_match_may_be_one_of_several_values_or_none_of_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
