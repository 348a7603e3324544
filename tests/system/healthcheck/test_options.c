/* Options, their variables, expansion, and what every bad one comes to: one line, status 1, nothing sent. */
#include "pith/version.h"
#include "support/probe.h"
#include "support/scratch.h"
#include "support/script.h"
#include "support/test.h"

#include <sys/stat.h>
#include <unistd.h>

static const struct script_step ok[] = {
    { .verb = SCRIPT_READ },
    { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 201 Created\r\nContent-Length: 13\r\n\r\n{\"ok\":\"yes\"} " },
    { .verb = SCRIPT_END },
};
static struct script_server server;
static const char *target;

static void set(size_t i, const char *variable)
{
    probe_variables[i] = variable;
    probe_variables[i + 1] = NULL;
}

static int unset(void **state)
{
    (void)state;
    probe_variables[0] = NULL;
    return 0;
}

/* Without TARGET. */
static const struct run_result *probe_default(void)
{
    return probe("-t", "2s", NULL);
}

/* How many there were so far: one that is answered is accepted behind all others. */
static unsigned connections(void)
{
    assert_status(probe(target, NULL), 0);
    return atomic_load(&server.connections);
}

static void assert_usage_error(const struct run_result *result, const char *says, unsigned before)
{
    const char *newline = strchr(result->err, '\n');

    if (result->status != 1 || result->out_length > 0 || strncmp(result->err, "healthcheck: ", 13) != 0 || !newline ||
        newline[1] || !strstr(result->err, says))
        fail_msg("'%s' wanted; status %d, stdout '%s', stderr '%s'", says, result->status, result->out, result->err);
    for (const char *at = result->err; at < newline; at++)
        if ((unsigned char)*at < ' ')
            fail_msg("a control character in '%s'", result->err);
    assert_int_equal(atomic_load(&server.connections), before);
}

static const struct {
    const char *option, *value, *says;
} bad[] = {
    { "--timeout", "2x", "--timeout: '2x' is not a duration" },
    { "--timeout", "", "--timeout: '' is not a duration" },
    { "--timeout", "-1", "--timeout: '-1' is not a duration" },
    { "--timeout", "0", "--timeout: '0' is shorter than 1ms" },
    { "-t", "1e3", "-t: '1e3' is not a duration" },
    { "--method", "POST", "--method: 'POST' is none of GET, HEAD, OPTIONS" },
    { "--method", "get", "'get' is none of" },
    { "--header", "NoColon", "--header: is not of the form 'Name: value'" },
    { "--header", ": x", "is not of the form 'Name: value'" },
    { "--header", "A B: x", "is not of the form 'Name: value'" },
    { "--header", "A: b\r\nC: d", "control character" },
    { "--header", "A: b\nC: d", "control character" },
    { "--header", "Content-Length: 5", "announces a body" },
    { "--header", "transfer-encoding: chunked", "announces a body" },
    { "--status", "", "is not a list of statuses" },
    { "--status", "2xx", "'2xx' is not a list of statuses" },
    { "--status", "200-", "is not a list of statuses" },
    { "--status", "300-200", "is not a list of statuses" },
    { "--status", "200,,201", "is not a list of statuses" },
    { "--status", "1000", "is not a list of statuses" },
    { "--status", "099", "is not a list of statuses" },
    { "--body-contains", "", "is empty" },
    { "--body-regex", "", "--body-regex: '' is empty" },
    { "--body-regex", "(", "--body-regex: '(' is not an extended regular expression" },
    { "--body-regex", "((((a?){60})*){60})*b", "too large an expression" },
    { "--json", "nothing", "is not of the form PATH=VALUE" },
    { "--json", "a[=1", "is not of the form PATH=VALUE" },
    { "--json", "a!=\"b\"", "would always hold: a string is compared without its quotes" },
    { "--json", "a!=b|\"c\"", "would always hold: a string is compared without its quotes" },
    { "--max-latency", "soon", "is not a duration" },
    { "--user", "nobody", "--user: is not of the form USER:PASSWORD" },
    { "--wait", "1w", "is not a duration" },
    { "--interval", "0", "is shorter than 1ms" },
    { "--output", "xml", "--output: 'xml' is neither text nor json" },
    { "--install", "", "--install: " },
    { "--timeout", "${NOBODY_SET_THIS}", "--timeout: 'NOBODY_SET_THIS' is not set in the environment" },
    { "--header", "A: ${SECRET:-x", "has no closing brace" },
};

static void a_bad_value_is_one_line_and_nothing_is_sent(void **state)
{
    unsigned before = connections();

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_usage_error(probe(bad[i].option, bad[i].value, target, NULL), bad[i].says, before);
}

static int64_t cpu_ms(const struct rusage *usage)
{
    return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000 +
           (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1000;
}

/* TIMES times PIECE between HEAD and TAIL, in static storage until the next call. */
static const char *expression(const char *head, const char *piece, size_t times, const char *tail)
{
    static char pattern[65536];
    size_t length = (size_t)sprintf(pattern, "%s", head);

    while (times-- > 0)
        length += (size_t)sprintf(pattern + length, "%s", piece);
    sprintf(pattern + length, "%s", tail);
    return pattern;
}

/* Nested repetitions and alternatives would take libc gigabytes, and longer than any deadline. */
static void an_expression_that_is_too_large_is_refused_at_once(void **state)
{
    static const struct {
        const char *head, *piece;
        size_t times;
        const char *tail;
    } cases[] = {
        { "((a{1,60}){1,60}){1,60}", "", 0, "" },
        { "a{1,255}b{1,255}(c{1,255}){255}", "", 0, "" },
        { "((((a?){60})*){60})*b", "", 0, "" },
        { "(((((((((a|b){9}){9}){9}){9}){9}){9}){9}){9}){9}", "", 0, "" },
        { "(", "abc|", 5000, ")*" },
        { "", "x?", 5000, "" },
        { "[", "ab", 5000, "]" },
        { "(", "a?b?c?d?", 20, ")****************************************************************************" },
        { "", "(", 5000, "" },
        { "", "a", 60000, "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *pattern = expression(cases[i].head, cases[i].piece, cases[i].times, cases[i].tail);
        const struct run_result *result = probe("--body-regex", pattern, target, NULL);
        assert_usage_error(result, "' is too large an expression\n", atomic_load(&server.connections));
        if (getenv("PITH_INSTRUMENTED"))
            continue;
        assert_in_range(cpu_ms(&result->usage), 0, 50);
        assert_in_range(result->usage.ru_maxrss, 0, 4096);
    }
}

/* The largest that are taken: the bound is 32 MiB. */
static void an_expression_that_is_taken_takes_no_more_than_that(void **state)
{
    static const struct {
        const char *head, *piece;
        size_t times;
        const char *tail;
    } cases[] = {
        { "^[A-Za-z0-9_.-]{1,240}$|yes", "", 0, "" },
        { "", "(a|b)*", 290, "" },
        { "(", "a|", 380, "yes)*" },
        { "yes|", "a", 16000, "" },
        { "((a|yes){1,100}){1,3}", "", 0, "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *pattern = expression(cases[i].head, cases[i].piece, cases[i].times, cases[i].tail);
        const struct run_result *result = probe("--body-regex", pattern, target, NULL);
        if (result->status != 0)
            fail_msg("%.40s: %s%.200s", pattern, result->out, result->err);
        if (!getenv("PITH_INSTRUMENTED"))
            assert_in_range(result->usage.ru_maxrss, 0, 40 * 1024);
        assert_in_range(cpu_ms(&result->usage), 0, 500);
    }
    /* The bound is that of all: sixteen of these would be compiled for longer than a probe may take. */
    const char *pattern = expression("", "(a|b)*", 290, "");
    const struct run_result *result =
        probe("--body-regex=yes", "--body-regex", pattern, "--body-regex", pattern, target, NULL);
    assert_usage_error(result, "' is too large an expression beside those before it\n",
                       atomic_load(&server.connections));
}

/* The variable of `--body-contains`: HEALTHCHECK_BODY_CONTAINS. */
static const char *variable_of(const char *option, const char *value)
{
    char *variable = format("HEALTHCHECK_%s=%s", option + 2, value);

    for (char *at = variable; *at != '='; at++)
        *at = *at == '-' ? '_' : *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
    return variable;
}

static void a_bad_variable_is_one_line_and_nothing_is_sent(void **state)
{
    unsigned before = connections();

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (bad[i].value[0] == '\0' || bad[i].option[1] != '-' || strcmp(bad[i].option, "--install") == 0 ||
            strchr(bad[i].value, '\n')) /* an empty one is none; lines divide headers */
            continue;
        set(0, variable_of(bad[i].option, bad[i].value));
        const char *says =
            strncmp(bad[i].says, "--", 2) == 0 && strstr(bad[i].says, ": ") ? strstr(bad[i].says, ": ") : bad[i].says;
        assert_usage_error(probe(target, NULL), says, before);
        assert_complains(probe(target, NULL), "HEALTHCHECK_");
    }
    set(0, "HEALTHCHECK_FOLLOW=maybe");
    assert_usage_error(probe(target, NULL), "HEALTHCHECK_FOLLOW: 'maybe' is neither", before);
    set(0, "HEALTHCHECK_STATUS=,");
    assert_usage_error(probe(target, NULL), "HEALTHCHECK_STATUS: ", before);
    set(0, "HEALTHCHECK_STATUS=up"); /* which nobody has brought along from curl */
    assert_usage_error(probe(target, NULL), "'up' is not a list of statuses such as 200-299,401\n", before);
    set(0, "HEALTHCHECK_JSON=,");
    assert_usage_error(probe(target, NULL), "HEALTHCHECK_JSON: ", before);
    set(0, "HEALTHCHECK_JSON=ok=yes, ,");
    assert_usage_error(probe(target, NULL), "HEALTHCHECK_JSON: ", before);
}

static void other_usage_errors_send_nothing_either(void **state)
{
    static const char *const cases[][4] = {
        { "--nonsense", NULL, NULL, "healthcheck: --nonsense: unknown option (see --help)\n" },
        { "--nonsense=1", NULL, NULL, "healthcheck: --nonsense: unknown option (see --help)\n" },
        { "-qz", NULL, NULL, "healthcheck: -z: unknown option (see --help)\n" },
        { "--timeout", NULL, NULL, "--timeout: needs a value" },
        { "--follow=1", NULL, NULL, "--follow: takes no value" },
        { "--", NULL, NULL, "COMMAND: missing behind --" },
        { "--", "tcp://localhost:1", NULL, "healthcheck: tcp://localhost:1: is a target: it belongs in front of --\n" },
        { "--", "https://u:secret@h/", "x", "healthcheck: https://***@h/: is a target: it" },
        { "--", ":18080/health", NULL, "healthcheck: :18080/health: is a target: it belongs in front of --\n" },
        { "--", "localhost:80", NULL, "healthcheck: localhost:80: is a target: it belongs in front of --\n" },
        { "--", "u:8geheim@h:1/", NULL, "healthcheck: ***@h:1/: is a target: it belongs in front of --\n" },
        { "-m", "HEAD", "-bx", "'HEAD' has no body to match" },
        { "--cert", "/x", "https://h", "healthcheck: --cert: needs --key\n" },
        { "--key", "/x", "https://h", "healthcheck: --key: needs --cert\n" },
        { "gopher://localhost/", NULL, NULL, "'gopher' is no kind of target" },
        { "http://localhost:0/", NULL, NULL, "http://localhost:0/: '0' is not a port" },
        { "http://localhost:65536/", NULL, NULL, "'65536' is not a port" },
        { "http://localhost:+80/", NULL, NULL, "'+80' is not a port" },
        { "http://localhost:/health", NULL, NULL,
          "http://localhost:/health: has no port behind its colon (an empty variable? Compose needs $${NAME})\n" },
        { "http://localhost:$${PORT}/", NULL, NULL, "'${PORT}' was $${NAME}, which is for Compose files alone\n" },
        { "http://localhost/a b", NULL, NULL, "has a space in it (each word is an argument of its own)\n" },
        { "||", NULL, NULL, "'||' is for a shell, and there is none: status 1 needs no exit 1\n" },
        { "http://user:secret@localhost:x/", NULL, NULL, "http://***@localhost:x/: 'x' is not a port" },
        { "tcp://localhost", NULL, NULL, "healthcheck: tcp://localhost: needs a port (HOST:PORT, or :PORT)\n" },
        { "http:/localhost/", NULL, NULL, "healthcheck: http:/localhost/: 'http' needs :// behind it\n" },
        { "jdbc:mysql://localhost/a?user=u&password=geheim", NULL, NULL,
          "healthcheck: jdbc:mysql://localhost/a: does not begin with its kind: leave out what stands in front "
          "(jdbc:)\n" },
        { "mysql+pymysql://localhost", NULL, NULL,
          "healthcheck: mysql+pymysql://localhost: '+pymysql' names a driver: leave it out\n" },
        { "postgresql+psycopg2://u:geheim@localhost/a", NULL, NULL,
          "healthcheck: postgresql+psycopg2://***@localhost/a: names a driver: leave it out\n" },
        { "8080", NULL, NULL, "healthcheck: 8080: '8080' is no host name; is it a port (:PORT)?\n" },
        { "/bin/sh", NULL, NULL, "'/bin/sh' is neither a URL nor HOST:PORT (a COMMAND stands behind --)\n" },
        { "http://localhost:$PORT/", NULL, NULL, "'$PORT' has a variable without its braces (${NAME})\n" },
        { "unix://run/app.sock", NULL, NULL, "'run/app.sock' is neither an absolute path nor @NAME\n" },
        { "http+unix:///run/app.sock", NULL, NULL, "names no socket: its path stands there with %2F for /\n" },
        { "http+unix://run/app.sock", NULL, NULL, "'run' is neither %40NAME nor a path with %2F for /\n" },
        { "grpc://localhost:1/serving?x=1", NULL, NULL, "'?x' is more than this kind of target takes\n" },
        { "grpc+unix://%2Fx/serving?x=1", NULL, NULL, "'?x' is more than this kind of target takes\n" },
        { "grpc://localhost:1/a%zz", NULL, NULL, "'/a%zz' has a % without two hexadecimal digits (or %00)\n" },
        { "amqp://localhost:1/%zz", NULL, NULL, "'/%zz' has a % without two hexadecimal digits (or %00)\n" },
        { "postgresql://localhost:1/%0", NULL, NULL, "'/%0' has a % without two hexadecimal digits (or %00)\n" },
        { "process://a%zz", NULL, NULL, "'a%zz' has a % without two hexadecimal digits (or %00)\n" },
        { "", NULL, NULL, "healthcheck: TARGET: is empty\n" },
        { "${UNSET_THING}", NULL, NULL, "'UNSET_THING' is not set" },
        { "http://localhost:${", NULL, NULL, "has no closing brace" },
        { "http://localhost/${A:-${B}}", NULL, NULL, "inside its default" },
        { "http://localhost:${PORT:8080}/", NULL, NULL,
          "'PORT' needs :- in front of its default (${NAME:-default})\n" },
        { "http://localhost/${1A}", NULL, NULL, "is not a variable's name" },
    };
    unsigned before = connections();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_usage_error(cases[i][0][0] == '-' ? probe(target, cases[i][0], cases[i][1], cases[i][2], NULL)
                                                 : probe(target, cases[i][0], NULL),
                           cases[i][3], before);
}

static void a_colon_may_be_in_a_command(void **state)
{
    static const char *const commands[] = { "/no/such:80", "no/such:80", "no:such", "no:", ":no" };

    (void)state;
    for (size_t i = 0; i < COUNT(commands); i++)
        assert_status(probe(target, "--", commands[i], NULL), 127);
}

static void what_is_no_utf_8_in_a_message_becomes_question_marks(void **state)
{
    static const char *const cases[][2] = {
        { "--n\xc3\xbc\xff", "healthcheck: --n\xc3\xbc?: unknown option (see --help)\n" },
        { "-\xc3\xbc", "healthcheck: -?: unknown option (see --help)\n" },
        { "--timeout=\xe2\x82", "healthcheck: --timeout: '\?\?' is not a duration" },
        { "-t\xc2\x9b"
          "1s",
          "healthcheck: -t: '\?\?1s' is not a duration" },
        { "http://\xfe.test/", "healthcheck: http://?.test/: '?.test' is neither a host name nor an address\n" },
        { "xyz\xff://a", "xyz?://a: 'xyz?' is neither a host name" },
        { "http://a:b\xff/", "healthcheck: http://a:b?/: 'b?' is not a port" },
        { "http://${\xff}/", "healthcheck: http://${?}/: '?' is not a variable's name\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct run_result *result = probe(cases[i][0], NULL);
        assert_usage_error(result, cases[i][1], atomic_load(&server.connections));
        assert_null(strpbrk(result->err, "\xff\xfe\x9b\xe2"));
    }
    const struct run_result *result = probe(target, "--", "/no/such/\xff", NULL);
    assert_status(result, 127);
    assert_string_equal(result->err, "healthcheck: /no/such/?: No such file or directory\n");
}

static void an_unknown_option_is_told_with_the_nearest_one(void **state)
{
    static const char *const cases[][2] = {
        { "--timout", "healthcheck: --timout: unknown option; is it --timeout? (see --help)\n" },
        { "--time", "healthcheck: --time: unknown option; is it --timeout? (see --help)\n" },
        { "--Header=A: b", "healthcheck: --Header: unknown option; is it --header? (see --help)\n" },
        { "--body-contain=x", "is it --body-contains? " },
        { "--readyness", "is it --readiness? " },
        { "--ca-cert=/x", "is it --cacert? " },
        { "-T3s", "healthcheck: -T: unknown option; is it -t? (see --help)\n" },
        { "-insecure", "healthcheck: -insecure: is it --insecure?\n" },
        { "-timeout", "healthcheck: -timeout: is it --timeout?\n" },
        { "-follow", "healthcheck: -follow: is it --follow?\n" },
        { "--x", "healthcheck: --x: unknown option (see --help)\n" },
        { "--holy", "is it --hold? " },
        { "--sort", "healthcheck: --sort: unknown option (see --help)\n" },
        { "-z", "healthcheck: -z: unknown option (see --help)\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_usage_error(probe(cases[i][0], target, NULL), cases[i][1], atomic_load(&server.connections));
}

/* It ends with 0: whoever took the hint would have a probe that is healthy for ever. */
static void no_hint_proposes_an_option_that_only_informs(void **state)
{
    static const char *const cases[] = { "--hel", "--versio", "--list-probe", "--licence", "--list" };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct run_result *result = probe(cases[i], target, NULL);
        assert_usage_error(result, ": unknown option", atomic_load(&server.connections));
        for (const char *const *hint = (const char *const[]){ "--help?", "--ver", "--li", "-V", NULL }; *hint; hint++)
            if (strstr(strstr(result->err, "unknown"), *hint))
                fail_msg("%s: '%s'", cases[i], result->err);
    }
}

/* `curl -fsS URL` is what most HEALTHCHECKs were, and `wget -qO- URL` others. */
static void options_of_other_tools_are_told_with_what_is_here_in_their_place(void **state)
{
    static const char *const cases[][3] = {
        { "-f", "healthcheck: -f: is an option of curl and not needed: a status of 400 or more is unhealthy\n" },
        { "-fsS", "healthcheck: -f: is an option of curl and not needed: " },
        { "--fail", "healthcheck: --fail: is an option of curl and not needed: " },
        { "-S", "healthcheck: -S: is an option of curl and not needed: a line a target is all that is printed\n" },
        { "--silent", "healthcheck: --silent: is an option of curl and not needed: " },
        { "--show-error", "healthcheck: --show-error: is an option of curl and not needed: " },
        { "--noproxy", "healthcheck: --noproxy: is an option of curl and not needed: no proxy is asked\n" },
        { "-sS", "'S' is not a list of statuses such as 200-299,401; curl's -s is not needed\n" },
        { "-s", " is not a list of statuses such as 200-299,401; curl's -s is not needed\n" },
        { "-L", "healthcheck: -L: is an option of curl; here it is --follow\n" },
        { "-LsS", "healthcheck: -L: is an option of curl; here it is --follow\n" },
        { "-kL", "healthcheck: -L: is an option of curl; here it is --follow\n" },
        { "--location", "healthcheck: --location: is an option of curl; here it is --follow\n" },
        { "-X", "healthcheck: -X: is an option of curl; here it is -m METHOD\n" },
        { "-XHEAD", "healthcheck: -X: is an option of curl; here it is -m METHOD\n" },
        { "--request=HEAD", "healthcheck: --request: is an option of curl; here it is -m METHOD\n" },
        { "-I", "healthcheck: -I: is an option of curl; here it is -m HEAD\n" },
        { "--head", "healthcheck: --head: is an option of curl; here it is -m HEAD\n" },
        { "-A", "healthcheck: -A: is an option of curl; here it is -H 'User-Agent: NAME'\n" },
        { "--user-agent", "healthcheck: --user-agent: is an option of curl; here it is -H 'User-Agent: NAME'\n" },
        { "-u", "healthcheck: -u: is an option of curl; here it is --user USER:PASSWORD\n" },
        { "--max-time=3", "healthcheck: --max-time: is an option of curl; here it is -t DURATION, for all of a try\n" },
        { "--connect-timeout",
          "healthcheck: --connect-timeout: is an option of curl; here it is -t DURATION, for all" },
        { "--retry", "healthcheck: --retry: is an option of curl; here it is --wait DURATION -i PAUSE\n" },
        { "--retry-delay=1",
          "healthcheck: --retry-delay: is an option of curl; here it is --wait DURATION -i PAUSE\n" },
        { "--retry-connrefused", "healthcheck: --retry-connrefused: is an option of curl; here it is --wait " },
        { "--unix-socket", "--unix-socket: is an option of curl; here it is a target, http+unix://%2FSOCKET/PATH\n" },
        { "--write-out", "--write-out: is an option of curl; here it is -s LIST, which says what is healthy\n" },
        { "-m", "healthcheck: -m: '3' is none of GET, HEAD, OPTIONS; curl's -m is -t\n", "3" },
        { "-w", "healthcheck: -w: '%{http_code}' is for curl; -s says what is healthy\n", "%{http_code}" },
        { "-o", "healthcheck: -o: '/dev/null' is neither text nor json; curl's -o is not needed\n", "/dev/null" },
        { "--spider", "healthcheck: --spider: is an option of wget; here it is -m HEAD\n" },
        { "-qO-", "healthcheck: -O: is an option of wget and not needed: a body is never shown\n" },
        { "--output-document=/x", "healthcheck: --output-document: is an option of wget and not needed: a body" },
        { "--no-check-certificate", "healthcheck: --no-check-certificate: is an option of wget; here it is -k\n" },
        { "--tries=3", "healthcheck: --tries: is an option of wget; here it is --wait DURATION -i PAUSE\n" },
        { "-addr=:5000",
          "healthcheck: -a: is an option of grpc_health_probe; here it is a target, grpc://HOST:PORT/SERVICE\n" },
        { "--addr=:5000", "healthcheck: --addr: is an option of grpc_health_probe; here it is a target, grpc://" },
        { "--service=x", "healthcheck: --service: is an option of grpc_health_probe; here it is a target, grpc://" },
        { "--port", "healthcheck: --port: is an option of microcheck; here it is a target, HOST:PORT/PATH\n", "80" },
        { "--host=x", "healthcheck: --host: is an option of microcheck; here it is a target, HOST:PORT/PATH\n" },
        { "--r", "healthcheck: --r: unknown option (see --help)\n" },
        { "--retry ", "healthcheck: --retry : unknown option (see --help)\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_usage_error(cases[i][2] ? probe(cases[i][0], cases[i][2], target, NULL)
                                       : probe(cases[i][0], target, NULL),
                           cases[i][1], atomic_load(&server.connections));
    assert_usage_error(probe("-s", "-f", target, NULL), "'-f' is not a list of statuses such as 200-299,401; curl's -s",
                       atomic_load(&server.connections));
}

/* What is not looked at must not pass for a check. */
static void judging_what_no_target_has_is_a_usage_error(void **state)
{
    static const char *const http[][2] = {
        { "--status", "500" }, { "--body-contains", "UP" }, { "--body-regex", "UP" }, { "--json", "status=UP" }
    };
    const char *tcp = format("tcp://localhost:%u", server.port);
    unsigned before = connections();

    (void)state;
    for (size_t i = 0; i < COUNT(http); i++) {
        const char *says = format("healthcheck: %s: there is no target of HTTP to judge\n", http[i][0]);
        assert_usage_error(probe(http[i][0], http[i][1], tcp, NULL), says, before);
        assert_usage_error(probe(http[i][0], http[i][1], "grpc://localhost:1", "file:///", NULL), says, before);
    }
    assert_status(probe("--tls-min-days", "7", "--follow", target, NULL), 0);
    assert_status(probe("-s", "201", "--json", "ok=yes", tcp, target, NULL), 0);
    set(0, "HEALTHCHECK_JSON=status=UP");
    set(1, "HEALTHCHECK_TLS_MIN_DAYS=7");
    assert_status(probe(tcp, NULL), 0);
}

/* Whoever forgets https:// would believe that the server was verified. */
static void what_goes_to_no_target_is_a_usage_error(void **state)
{
    static const char *const tls[][2] = {
        { "--tls-min-days", "7" }, { "--cacert", "/x" }, { "--servername", "x.test" },
        { "--cert", "/x" },        { "--key", "/x" },
    };
    static const char *const http[][3] = { { "-m", "GET", "--method" }, { "--follow" } };
    const char *tcp = format("tcp://localhost:%u", server.port);
    unsigned before = connections();

    (void)state;
    for (size_t i = 0; i < COUNT(tls); i++) {
        const char *says = format("healthcheck: %s: there is no target with TLS, as https://\n", tls[i][0]);
        const char *pair = strcmp(tls[i][0], "--cert") == 0  ? "--key=/x"
                           : strcmp(tls[i][0], "--key") == 0 ? "--cert=/x"
                                                             : "-q";
        assert_usage_error(probe(pair, target, tcp, "file:///", tls[i][0], tls[i][1], NULL), says, before);
        assert_usage_error(probe(pair, "redis://localhost:1", tls[i][0], tls[i][1], NULL), says, before);
        assert_status(probe(pair, "--follow", target, tls[i][0], tls[i][1], NULL), 0);
        before++;
    }
    for (size_t i = 0; i < COUNT(http); i++) {
        const char *says = format("healthcheck: %s: there is no target of HTTP\n", http[i][http[i][2] ? 2 : 0]);
        assert_usage_error(probe(tcp, "grpc://localhost:1", http[i][0], http[i][1], NULL), says, before);
        assert_usage_error(probe("fcgi://localhost:1", http[i][0], http[i][1], NULL), says, before);
    }
    const char *says = "healthcheck: --header: there is no target of HTTP or gRPC\n";
    assert_usage_error(probe("-HA: geheim", tcp, "fcgi://localhost:1", NULL), says, before);
    assert_status(probe("-HA: b", tcp, target, NULL), 0);
    assert_says(probe("-HA: b", "grpc://localhost:1", NULL), "connection refused");
    assert_status(probe("-k", tcp, NULL), 0); /* which promises nothing */
    set(0, "HEALTHCHECK_CACERT=/x");
    set(1, "HEALTHCHECK_HEADER=A: b");
    set(2, "HEALTHCHECK_FOLLOW=1");
    set(3, "HEALTHCHECK_METHOD=GET");
    set(4, "HEALTHCHECK_SERVERNAME=x.test");
    assert_status(probe(tcp, NULL), 0);
}

/* A variable is for the targets that it fits. */
static void variables_that_contradict_each_other_are_for_targets_that_they_fit(void **state)
{
    const char *tcp = format("tcp://localhost:%u", server.port);
    unsigned before = connections();

    (void)state;
    set(0, "HEALTHCHECK_METHOD=HEAD");
    set(1, "HEALTHCHECK_BODY_CONTAINS=UP");
    assert_usage_error(probe(target, tcp, NULL), "healthcheck: HEALTHCHECK_METHOD: 'HEAD' has no body to match\n",
                       before);
    assert_usage_error(probe("-m", "HEAD", target, NULL), "healthcheck: --method: 'HEAD' has no body to match\n",
                       before);
    assert_status(probe(tcp, NULL), 0);
    set(0, "HEALTHCHECK_CERT=/x");
    assert_status(probe(tcp, NULL), 0);
    before = connections();
    assert_usage_error(probe("https://localhost:1", tcp, NULL), "healthcheck: HEALTHCHECK_CERT: needs --key\n", before);
    set(0, "HEALTHCHECK_KEY=/x");
    assert_usage_error(probe("https://localhost:1", NULL), "healthcheck: HEALTHCHECK_KEY: needs --cert\n", before);
    set(1, "HEALTHCHECK_FOLLOW=1");
    assert_status(probe(tcp, NULL), 0);
}

/* Redis and databases have logins, too: this one would pass for theirs. */
static void a_user_for_whom_no_target_has_a_login_is_a_usage_error(void **state)
{
    const char *tcp = format("tcp://localhost:%u", server.port);
    unsigned before = connections();

    (void)state;
    assert_usage_error(probe("--user=u:geheim", tcp, "redis://localhost:1", "fcgi://localhost:1", NULL),
                       "healthcheck: --user: there is no target of HTTP or gRPC; to others a URL names a user\n",
                       before);
    assert_status(probe("--user=u:geheim", tcp, target, NULL), 0);
    assert_says(probe("--user=u:geheim", "grpc://localhost:1", NULL), "connection refused");
    set(0, "HEALTHCHECK_USER=u:geheim");
    assert_status(probe(tcp, NULL), 0);
}

static void secrets_are_in_no_message(void **state)
{
    static const char *const cases[][2] = {
        { "--user", "geheim" },        { "--user", "geheim:${X" },       { "--header", "geheim" },
        { "--header", "A: geheim\n" }, { "--header", "A: ${X:-geheim" }, { "--status", "${X:-geheim" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct run_result *result = probe(cases[i][0], cases[i][1], target, NULL);
        assert_status(result, 1);
        if (strstr(result->err, "geheim") || strstr(result->out, "geheim"))
            fail_msg("%s%s", result->out, result->err);
    }
    assert_lacks(probe("http://u:geheim@localhost:x/", NULL)->err, "geheim");
    assert_lacks(probe("http://u:geheim@gopher://x/", NULL)->err, "geheim");
    set(0, "HEALTHCHECK_HEADER=Authorization: ${TOKEN}");
    set(1, "TOKEN=geheim\nX: y");
    const struct run_result *result = probe(target, NULL);
    assert_status(result, 1);
    assert_lacks(result->err, "geheim");
}

static void a_dry_run_tells_what_a_real_one_would_refuse(void **state)
{
    unsigned before = connections();

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_usage_error(probe("--dry-run", bad[i].option, bad[i].value, target, NULL), bad[i].says, before);
    assert_usage_error(probe("--dry-run", "tcp://localhost", NULL), "needs a port", before);
    assert_usage_error(probe("--dry-run", "-byes", "tcp://localhost:1", NULL), "no target of HTTP to judge", before);
    assert_usage_error(probe("--dry-run", target, "--", NULL), "COMMAND: missing behind --", before);
    assert_says(probe("--dry-run", "-4", "http://[::1]/", NULL), "  no IPv4 address\n");
    assert_says(probe("--dry-run", "tcp://192.0.2.1:1", NULL), "  refused: ");
}

/* What is probed need not be there, nothing is waited for, and nothing is started. */
static void a_dry_run_does_nothing(void **state)
{
    static const char line[] = "ok    unix:///no/such/socket  may be probed; nothing was sent\n";
    unsigned before = connections();

    (void)state;
    const struct run_result *result =
        probe("--dry-run", "-s", "500", target, "file:///no/such/file", "process://nobody", "listen://:1", NULL);
    assert_status(result, 0);
    assert_int_equal(atomic_load(&server.connections), before);
    result = probe("-v", "--dry-run", "-w", "1h", "unix:///no/such/socket", "--", "echo", "ran", NULL);
    assert_status(result, 0);
    assert_string_equal(result->out, line);
    set(0, "HEALTHCHECK_DRY_RUN=1");
    assert_string_equal(probe("unix:///no/such/socket", NULL)->out, line);
    assert_status(probe("-w", "1h", "tcp://192.0.2.1:1", NULL), 1);
}

static void what_a_kind_does_not_honour_in_its_url_is_a_usage_error(void **state)
{
    static const char *const cases[][2] = {
        { "redis://geheim@localhost", "healthcheck: redis://***@localhost: has a user without a password (" },
        { "redis://:geheim@localhost/one", "healthcheck: redis://***@localhost/one: '/one' is no number of a" },
        { "redis://:geheim@localhost?db=1", "healthcheck: redis://***@localhost: 'db' is no query that this kind" },
        { "rediss://:geheim@localhost/0?max_connections=5&ssl_cert_reqs=none",
          "'ssl_cert_reqs' is no query that this kind of target knows\n" },
        { "postgres://localhost/b?password=geheim&sslmode=require",
          "healthcheck: postgres://localhost/b: 'password' is no query that this kind of target knows\n" },
        { "postgresql://a@localhost/b?password=ge@heim",
          "healthcheck: postgresql://***: is no query that this kind of target knows\n" },
        { "redis://a:6379#geheim@localhost",
          "healthcheck: redis://***@localhost: has a # in it, which is written %23\n" },
        { "http://a:80#geheim@localhost/",
          "healthcheck: http://***@localhost/: has a # in it, which is written %23\n" },
        { "http://a:80?geheim@localhost/", "healthcheck: http://***: has a ? in front of its @ (in a password it is" },
        { "file:///a#b", "healthcheck: file:///a#b: has a # in it, which is written %23\n" },
        { "tcp://localhost:1?expect=220#b", "healthcheck: tcp://localhost:1: has a # in it, which is written %23\n" },
        { "postgresql://a:geheim/x@localhost/b",
          "healthcheck: postgresql://***@localhost/b: has no HOST:PORT in front of its / or ? (in a password they are "
          "%2F and %3F)\n" },
        { "http://a:geheim/x@localhost:80/",
          "healthcheck: http://***@localhost:80/: has no HOST:PORT in front of its /" },
        { "redis://:geheim?x@localhost",
          "healthcheck: redis://***: has no HOST:PORT in front of its / or ? (in a pass" },
        { "amqp://a:/geheim@localhost/", "healthcheck: amqp://***@localhost/: has no HOST:PORT in front of its / or " },
        { "mysql://a:ge,h/eim@localhost/b",
          "healthcheck: mysql://***@localhost/b: has no HOST:PORT in front of its /" },
        { "http://localhost:$PORT/geheim@b",
          "healthcheck: http://***@b: has a variable without its braces (${NAME})\n" },
        { "http://a:b@localhost:x/", "healthcheck: http://***@localhost:x/: 'x' is not a port (1-65535)\n" },
        { "postgresql://a:geheim@localhost/b?sslmode=allow",
          "healthcheck: postgresql://***@localhost/b: 'sslmode' is none of disable, prefer, require, verify-ca, " },
        { "postgresqls://localhost/?sslmode=require", "'sslmode' asks for less than the s in the scheme\n" },
        { "postgresql://localhost/?sslmode=require&sslmode=disable", "'sslmode' is there twice\n" },
        { "postgresql://localhost/?sslrootcert=/geheim", "'sslrootcert' is no query that this kind of target knows\n" },
        { "postgresql:///?host=geheim", "'host' is not an absolute path (a host stands in front of the path)\n" },
        { "postgresql+unix://%2Fs/?host=/geheim", "'host' names another socket than the one in front of it\n" },
        { "postgresql+unix://%2Fs/?port=1", "'port' is of no use: the socket is named in front of it\n" },
        { "postgresql:///?port=65536", "'port' is not a port (1-65535)\n" },
        { "postgresql:///?port=0", "'port' is not a port (1-65535)\n" },
        { "postgresql:///?connect_timeout=2s", "'connect_timeout' is not a number of seconds\n" },
        { "postgresql:///?schema=a%22geheim", "'schema' has a quotation mark in it\n" },
        { "mysql://localhost/b", "names a database, which needs a user\n" },
        { "mysql://a:geheim@localhost/b?ssl-mode=1",
          "'ssl-mode' is none of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, " },
        { "mysqls://a:geheim@localhost/b?ssl-mode=REQUIRED", "'ssl-mode' asks for less than the s in the scheme\n" },
        { "mysql://a:geheim@localhost/b?tls=true", "'tls' is no query that this kind of target knows\n" },
        { "mysql+unix://%2Fs?socket=/geheim", "'socket' names another socket than the one in front of it\n" },
        { "postgresql://localhost/?pool=5&channel_binding=geheim", "'channel_binding' is no query that this kind" },
        { "postgresql://localhost/?target_session_attrs=geheim", "'target_session_attrs' is no query that this kind" },
        { "mysql://a:geheim@localhost/b?charset=utf8mb4&sslaccept=strict", "'sslaccept' is no query that this kind" },
        { "amqps://localhost/v?heartbeat=5&verify=geheim", "healthcheck: amqps://localhost/v: 'verify' is no query" },
        { "memcached://localhost?timeout=geheim", "healthcheck: memcached://localhost: '?timeout' is more than" },
    };
    unsigned before = connections();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct run_result *result = probe(cases[i][0], NULL);
        assert_usage_error(result, cases[i][1], before);
        assert_lacks(result->err, "heim");
    }
}

static void control_characters_out_of_variables_are_refused(void **state)
{
    unsigned before = connections();

    (void)state;
    set(0, "EVIL=x\r\nX-Injected: y");
    assert_usage_error(probe(format("%s${EVIL}", target), NULL), "has a control character in it (a line end?)\n",
                       before);
    assert_usage_error(probe("-H", "A: ${EVIL}", target, NULL), "control character", before);
    assert_usage_error(probe("--user", "a:${EVIL}", target, NULL), "control character", before);
    set(0, "EVIL=x y");
    assert_usage_error(probe(format("%s${EVIL}", target), NULL), "has a space in it", before);
}

static void every_option_has_its_variable(void **state)
{
    /* a variable, and what the status is with it */
    static const struct {
        const char *variable;
        int status;
    } cases[] = {
        { "HEALTHCHECK_TIMEOUT=3s", 0 },
        { "HEALTHCHECK_METHOD=OPTIONS", 0 },
        { "HEALTHCHECK_HEADER=A: b\nC: d", 0 },
        { "HEALTHCHECK_STATUS=200,201", 0 },
        { "HEALTHCHECK_STATUS=200", 1 },
        { "HEALTHCHECK_BODY_CONTAINS=yes", 0 },
        { "HEALTHCHECK_BODY_CONTAINS=no", 1 },
        { "HEALTHCHECK_BODY_REGEX=^.*yes", 0 },
        { "HEALTHCHECK_BODY_REGEX=^yes", 1 },
        { "HEALTHCHECK_JSON=ok=yes", 0 },
        { "HEALTHCHECK_JSON=ok=yes,ok=no", 1 },
        { "HEALTHCHECK_JSON=ok=yes, ok=yes", 0 },
        { "HEALTHCHECK_JSON= ok=yes , ok=yes ", 0 },
        { "HEALTHCHECK_JSON=ok=yes\n", 0 },
        { "HEALTHCHECK_JSON=ok =yes", 1 },
        { "HEALTHCHECK_TIMEOUT=3s\n", 0 },
        { "HEALTHCHECK_HEADER=A: b\r\nC: d\r\n", 0 },
        { "HEALTHCHECK_USER=a:b\n", 0 },
        { "HEALTHCHECK_USER=a:\nb", 1 },
        { "HEALTHCHECK_BODY_CONTAINS=yes\n", 1 },
        { "HEALTHCHECK_TIMEOUT=\n", 1 },
        { "HEALTHCHECK_FOLLOW=yes", 0 },
        { "HEALTHCHECK_MAX_LATENCY=5s", 0 },
        { "HEALTHCHECK_MAX_LATENCY=1ms", -1 },
        { "HEALTHCHECK_USER=a:b", 0 },
        { "HEALTHCHECK_IPV4=1", 0 },
        { "HEALTHCHECK_IPV6=1", 1 },
        { "HEALTHCHECK_IPV6=0", 0 },
        { "HEALTHCHECK_ANY=on", 0 },
        { "HEALTHCHECK_WAIT=1s", 0 },
        { "HEALTHCHECK_INTERVAL=10ms", 0 },
        { "HEALTHCHECK_READINESS=true", 0 },
        { "HEALTHCHECK_DRY_RUN=1", 0 },
        { "HEALTHCHECK_OUTPUT=json", 0 },
        { "HEALTHCHECK_QUIET=1", 0 },
        { "HEALTHCHECK_VERBOSE=1", 0 },
        { "HEALTHCHECK_STATUS=", 0 },
        { "HEALTHCHECK_NONSENSE=1", 0 },
        { "HEALTHCHECK_INSTALL=/x", 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        set(0, cases[i].variable);
        const struct run_result *result = probe(target, NULL);
        if (cases[i].status >= 0 && result->status != cases[i].status)
            fail_msg("%s: %s%s", cases[i].variable, result->out, result->err);
    }
    set(0, "HEALTHCHECK_QUIET=1");
    assert_string_equal(probe(target, NULL)->out, "");
    set(0, "HEALTHCHECK_OUTPUT=json");
    assert_int_equal(probe(target, NULL)->out[0], '{');
    set(0, "HEALTHCHECK_VERBOSE=1");
    assert_says(probe(target, NULL), "first byte");
    set(0, "HEALTHCHECK_HEADER=X-One: 1\nX-Two: 2");
    probe(target, NULL);
    assert_has(script_log(&server), "X-One: 1\r\nX-Two: 2\r\n");
}

static void the_command_line_beats_the_environment(void **state)
{
    (void)state;
    set(0, "HEALTHCHECK_STATUS=500");
    assert_status(probe(target, NULL), 1);
    assert_status(probe("-s", "201", target, NULL), 0);
    set(0, "HEALTHCHECK_TARGET=tcp://localhost:1");
    assert_status(probe_default(), 1);
    assert_status(probe(target, NULL), 0);
}

static void targets_come_from_the_environment_or_by_default(void **state)
{
    (void)state;
    set(0, format("HEALTHCHECK_TARGET=%s  tcp://127.0.0.1:${PORT}", target));
    set(1, format("PORT=%u", server.port));
    const struct run_result *result = probe_default();
    assert_status(result, 0);
    assert_says(result, "ok    tcp://127.0.0.1:");
    set(0, format("PORT=%u", server.port));
    result = probe_default();
    assert_status(result, 0);
    assert_says(result, format("ok    http://localhost:%u/health  201", server.port));
    set(0, format("HEALTHCHECK_TARGET=\n%s\r\n\ttcp://127.0.0.1:%u\t\n", target, server.port));
    assert_status(probe_default(), 0);
    unset(NULL);
    assert_says(probe_default(), "http://localhost:8080/health");
    set(0, "HEALTHCHECK_TARGET=");
    assert_says(probe_default(), "http://localhost:8080/health");
}

static void options_in_the_list_of_targets_are_refused(void **state)
{
    static const char says[] =
        "healthcheck: HEALTHCHECK_TARGET: has an option in it, which takes a variable of its own "
        "(see --help)\n";

    (void)state;
    set(0, format("HEALTHCHECK_TARGET=-t 1s %s", target));
    assert_usage_error(probe_default(), says, atomic_load(&server.connections));
    set(0, format("HEALTHCHECK_TARGET=%s --user=a:secret", target));
    assert_usage_error(probe_default(), says, atomic_load(&server.connections));
}

/* Half of it could be dead: it would be part of the path. */
static void a_list_that_no_space_divides_is_refused(void **state)
{
    static const char several[] = "names several hosts; each of them is a target of its own\n";
    unsigned before = connections();

    (void)state;
    set(0, format("HEALTHCHECK_TARGET=%sa,http://localhost:1/x", target));
    assert_usage_error(probe_default(), format("healthcheck: %sa,http://localhost:1/x: %s", target, several), before);
    assert_usage_error(probe(format("%s;http://u:geheim@h/", target), NULL),
                       format("healthcheck: http://***@h/: %s", several), before);
}

/* `-t 500` was meant in milliseconds; whoever does want seconds can say so. */
static void a_large_number_without_a_unit_is_refused_where_none_is_likely(void **state)
{
    static const char *const options[] = { "-t", "-i", "--max-latency" };

    (void)state;
    for (size_t i = 0; i < COUNT(options); i++) {
        assert_usage_error(probe(options[i], "100", target, NULL),
                           format("%s: '100' would be seconds, and has no unit: write ms or s behind it\n", options[i]),
                           atomic_load(&server.connections));
        assert_status(probe(options[i], "99", target, NULL), 0);
        assert_status(probe(options[i], "100s", target, NULL), 0);
    }
    assert_status(probe("-w", "100", target, NULL), 0);
}

static void variables_expand_in_targets_and_values(void **state)
{
    (void)state;
    set(0, format("PORT=%u", server.port));
    set(1, "CODE=201");
    assert_status(probe("-s", "${CODE}", "http://127.0.0.1:${PORT}/${PATH_NOT_SET:-p}?$$x=$y", NULL), 0);
    assert_has(script_log(&server), "GET /p?$x=$y HTTP/1.1");
}

static const struct run_result *probe_with_many(const char *option, size_t count)
{
    char *argv[80] = { (char *)(uintptr_t)probe_binary(), (char *)(uintptr_t)target };

    assert_at_most(count, 69);
    for (size_t i = 0; i < count; i++)
        argv[i + 2] = (char *)(uintptr_t)option;
    argv[count + 2] = NULL;
    return run(NULL, argv);
}

static void what_there_is_no_room_for_is_a_usage_error(void **state)
{
    static const struct {
        const char *option;
        size_t most;
        const char *says;
    } rows[] = {
        { "-HA: b", 64, "-H: is one header too many (64)" },
        { "-byes", 16, "is one text too many (16)" },
        { "--body-regex=yes", 16, "is one expression too many (16)" },
        { "--json=ok=yes", 16, "is one match too many (16)" },
        { "-s201", 32, "has too many entries (32)" },
    };
    static char variable[8192] = "LONG=", list[70000] = "HEALTHCHECK_TARGET=";

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct run_result *result = probe_with_many(rows[i].option, rows[i].most);
        if (result->status != 0)
            fail_msg("%s: %s%s", rows[i].option, result->out, result->err);
        unsigned before = connections();
        assert_usage_error(probe_with_many(rows[i].option, rows[i].most + 1), rows[i].says, before);
    }
    memset(list + strlen(list), 'x', sizeof list - strlen(list) - 1);
    set(0, list);
    assert_usage_error(probe_default(), "HEALTHCHECK_TARGET: is too long", atomic_load(&server.connections));
    memset(variable + 5, 'x', sizeof variable - 6);
    set(0, variable);
    const char *value = "-HA: ${LONG}${LONG}${LONG}${LONG}${LONG}${LONG}${LONG}${LONG}${LONG}";
    assert_usage_error(probe(value, target, NULL), "is too long once expanded", atomic_load(&server.connections));
    /* 64 KiB with the end */
    unsigned first = atomic_load(&server.connections);
    for (unsigned more = 0; more < 2; more++) {
        value = format("-b%s%0*d", "${LONG}${LONG}${LONG}${LONG}${LONG}${LONG}${LONG}${LONG}",
                       (int)(65535 - 8 * strlen(variable + 5) + more), 0);
        assert_string_equal(probe(value, target, NULL)->err,
                            more ? "healthcheck: -b: is too long once expanded\n" : "");
        assert_int_equal(atomic_load(&server.connections) - first, 1);
    }
}

static void targets_are_32_at_most(void **state)
{
    char list[4096] = "HEALTHCHECK_TARGET=";

    (void)state;
    for (int i = 0; i < 33; i++)
        strcat(list, "tcp://localhost:1 ");
    set(0, list);
    assert_usage_error(probe_default(), "TARGET: there are more than 32", atomic_load(&server.connections));
}

static void help_version_and_license_are_told(void **state)
{
    static const char *const options[] = {
        "--timeout",
        "--method",
        "--header",
        "--status",
        "--body-contains",
        "--body-regex",
        "--json",
        "--follow",
        "--proxy-protocol",
        "--http2",
        "--max-latency",
        "--user",
        "--insecure",
        "--cacert",
        "--cert",
        "--key",
        "--servername",
        "--tls-min-days",
        "--ipv4",
        "--ipv6",
        "--any",
        "--wait",
        "--interval",
        "--readiness",
        "--dry-run",
        "--output",
        "--quiet",
        "--verbose",
        "--install",
        "--list-probes",
        "--help",
        "--version",
        "--license",
        "[HEALTHCHECK_BODY_CONTAINS]",
        "grpc",
        "redis",
    };

    (void)state;
    const struct run_result *result = probe("-h", "--nonsense", NULL);
    assert_status(result, 1);
    result = probe("--help", NULL);
    assert_status(result, 0);
    for (size_t i = 0; i < COUNT(options); i++)
        if (!strstr(result->out, options[i]))
            fail_msg("%s is not in --help", options[i]);
    for (const char *at = result->out; *at; at++)
        assert_true(*at == '\n' || *at >= ' ');
    result = probe("-V", NULL);
    assert_status(result, 0);
    assert_memory_equal(result->out, "healthcheck ", 12);
    assert_says(probe("-l", NULL), "MIT");
    result = probe("--list-probes", NULL);
    assert_status(result, 0);
    assert_says(result, "http[s][+unix] ");
    assert_says(result, "unix ");
}

/* It would be healthy for ever. -h is the host of pg_isready and mysqladmin. */
static void what_only_informs_takes_no_target(void **state)
{
    static const char *const cases[][2] = {
        { "-h", "--help (-h)" },           { "--help", "--help (-h)" },          { "-V", "--version (-V)" },
        { "--version", "--version (-V)" }, { "-l", "--license (-l)" },           { "-ql", "--license (-l)" },
        { "--license", "--license (-l)" }, { "--list-probes", "--list-probes" },
    };
    char says[128];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(says, sizeof says, "healthcheck: %s: probes no TARGET; leave one of the two out\n", cases[i][1]);
        assert_usage_error(probe(cases[i][0], target, NULL), says, atomic_load(&server.connections));
        assert_usage_error(probe(target, cases[i][0], NULL), says, atomic_load(&server.connections));
        set(0, format("HEALTHCHECK_TARGET=%s", target));
        assert_status(probe(cases[i][0], NULL), 0);
        unset(NULL);
    }
    assert_usage_error(probe("--install", scratch_directory(), target, NULL), "--install: probes no TARGET",
                       atomic_load(&server.connections));
    assert_int_not_equal(access(scratch_path("healthcheck"), F_OK), 0);
}

/* The value of FIELD in the manifest of a library, in static storage. */
static const char *manifest_field(const char *library, const char *field)
{
    static char value[128];
    char line[256];
    FILE *file = fopen(format("third_party/%s/manifest", library), "re");

    assert_non_null(file);
    value[0] = '\0';
    while (fgets(line, sizeof line, file))
        if (strncmp(line, field, strlen(field)) == 0 && line[strlen(field)] == '=')
            snprintf(value, sizeof value, "%.*s", (int)strcspn(line + strlen(field) + 1, "\n"),
                     line + strlen(field) + 1);
    fclose(file);
    assert_string_not_equal(value, "");
    return value;
}

/* Where the tree is a clone without changes, the commit stands behind the version. */
static void version_and_license_name_commit_and_libraries(void **state)
{
    static const char *const libraries[] = { "musl", "mbedtls", "nghttp2" };
    static struct run_result told;
    char line[512];

    (void)state;
    if (access("third_party", F_OK) != 0 || getenv("PITH_INSTRUMENTED")) {
        print_message("# skip: not the product, or not run in the source tree\n");
        skip();
    }
    told = *probe("--version", NULL);
    const char *version = told.out;
    size_t length = strlen("healthcheck " PITH_VERSION);
    assert_memory_equal(version, "healthcheck " PITH_VERSION, length);
    if (version[length] == ' ') {
        assert_memory_equal(version + length, " (commit ", 9);
        assert_int_equal(strspn(version + length + 9, "0123456789abcdef"), 40);
        length += 9 + 40 + 1;
    }
    assert_int_equal(version[length], '\n');
    for (size_t i = 0; i < COUNT(libraries); i++) {
        size_t n =
            (size_t)snprintf(line, sizeof line, "  %s %s", libraries[i], manifest_field(libraries[i], "VERSION"));
        snprintf(line + n, sizeof line - n, " (%s)\n", manifest_field(libraries[i], "LICENCE"));
        assert_non_null(strstr(version + length, line));
        assert_says(probe("--license", NULL), line);
    }
    assert_non_null(strstr(version, "  libgcc "));
}

/* The first word of LINE behind its blanks, cut at a comma or an equals sign, in static storage. */
static const char *first_word(const char *line)
{
    line += strspn(line, " ");
    return format("%.*s", (int)strcspn(line, " ,=\n"), line);
}

/* What `.It Fl t , Fl -timeout Ar duration Pq Ev HEALTHCHECK_TIMEOUT` must hold for each row of the help. */
static void the_manual_names_every_option_variable_and_kind(void **state)
{
    static char page[65536];
    FILE *file = fopen("man/healthcheck.1", "r");
    bool kinds = false;

    (void)state;
    if (!file) {
        print_message("# skip: not run in the source tree\n");
        skip();
    }
    page[fread(page, 1, sizeof page - 1, file)] = '\0';
    fclose(file);
    for (char *line = strtok((char *)(uintptr_t)probe("--help", NULL)->out, "\n"); line; line = strtok(NULL, "\n")) {
        const char *option = strstr(line, "--"), *variable = strstr(line, "[HEALTHCHECK_"), *wanted = NULL;
        if (kinds)
            wanted = format("Cm %.*s://", (int)strcspn(first_word(line), "["), first_word(line));
        else if (variable)
            wanted = format("Pq Ev %.*s\n", (int)strcspn(variable + 1, "]"), variable + 1);
        else if (option && strncmp(line, "  ", 2) == 0)
            wanted = format("Fl %s", first_word(option) + 1);
        kinds = kinds || strncmp(line, "TARGETs:", 8) == 0;
        if (wanted && !strstr(page, wanted))
            fail_msg("'%s' is not in the manual", wanted);
    }
    assert_true(kinds);
}

static void install_copies_the_binary(void **state)
{
    const char *path = scratch_path("healthcheck");
    struct stat copy, original;

    (void)state;
    assert_status(probe("--install", scratch_directory(), NULL), 0);
    assert_int_equal(stat(path, &copy), 0);
    assert_int_equal(stat(probe_binary(), &original), 0);
    assert_true(copy.st_size == original.st_size && (copy.st_mode & 0777) == 0755);
    char *const argv[] = { (char *)(uintptr_t)path, (char *)(uintptr_t) "-V", NULL };
    assert_status(run(NULL, argv), 0);
    assert_status(probe("--install", "/nowhere/at/all", NULL), 1);
}

#define TEST(name) cmocka_unit_test_teardown(name, unset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bad_value_is_one_line_and_nothing_is_sent),
        TEST(an_expression_that_is_too_large_is_refused_at_once),
        TEST(an_expression_that_is_taken_takes_no_more_than_that),
        TEST(a_bad_variable_is_one_line_and_nothing_is_sent),
        TEST(other_usage_errors_send_nothing_either),
        TEST(a_colon_may_be_in_a_command),
        TEST(what_is_no_utf_8_in_a_message_becomes_question_marks),
        TEST(an_unknown_option_is_told_with_the_nearest_one),
        TEST(no_hint_proposes_an_option_that_only_informs),
        TEST(options_of_other_tools_are_told_with_what_is_here_in_their_place),
        TEST(what_only_informs_takes_no_target),
        TEST(judging_what_no_target_has_is_a_usage_error),
        TEST(what_goes_to_no_target_is_a_usage_error),
        TEST(variables_that_contradict_each_other_are_for_targets_that_they_fit),
        TEST(a_user_for_whom_no_target_has_a_login_is_a_usage_error),
        TEST(secrets_are_in_no_message),
        TEST(a_dry_run_tells_what_a_real_one_would_refuse),
        TEST(a_dry_run_does_nothing),
        TEST(what_a_kind_does_not_honour_in_its_url_is_a_usage_error),
        TEST(control_characters_out_of_variables_are_refused),
        TEST(every_option_has_its_variable),
        TEST(the_command_line_beats_the_environment),
        TEST(targets_come_from_the_environment_or_by_default),
        TEST(options_in_the_list_of_targets_are_refused),
        TEST(a_list_that_no_space_divides_is_refused),
        TEST(a_large_number_without_a_unit_is_refused_where_none_is_likely),
        TEST(variables_expand_in_targets_and_values),
        TEST(what_there_is_no_room_for_is_a_usage_error),
        TEST(targets_are_32_at_most),
        TEST(help_version_and_license_are_told),
        TEST(version_and_license_name_commit_and_libraries),
        TEST(the_manual_names_every_option_variable_and_kind),
        TEST(install_copies_the_binary),
    };
    char url[64];

    script_start(&server, "127.0.0.1", ok);
    snprintf(url, sizeof url, "http://localhost:%u/", server.port);
    target = url;
    int failed = cmocka_run_group_tests(tests, NULL, scratch_remove);
    script_stop(&server);
    return failed;
}
