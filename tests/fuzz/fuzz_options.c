/* healthcheck's command line and environment: refused, or a request of whole lines that carries nothing else. */
#include "fuzz.h"
#include "healthcheck/http/request.h"
#include "healthcheck/probes/probe.h"

#include "healthcheck/options.c" /* each input begins with its arena empty */

enum { ARGUMENTS_MAX = 16, VARIABLES_MAX = 16, REQUEST_SIZE = 256 * 1024 };

/* As many lines as headers were asked for, beside what is sent anyway, and one empty line, at the end. */
static void check_request(const struct check_conf *conf, const struct target *target)
{
    static char request[REQUEST_SIZE];
    struct text out = { request, sizeof request - 1, 0 };
    size_t lines = 0;

    http_request_put(&conf->probe.request, target, HTTP_SHARE_ALL, &out);
    assert(out.length <= out.size);
    request[out.length] = '\0';
    assert(strlen(request) == out.length);
    for (const char *line = request, *end; *line; line = end + 2, lines++) {
        end = strstr(line, "\r\n");
        assert(end && (end > line || end[2] == '\0'));
        for (const char *c = line; c < end; c++)
            assert((unsigned char)*c >= ' ' && *c != 0x7f);
    }
    assert(lines >= 2 && lines <= 2 + 5 + conf->probe.request.header_count);
    const char *version = strstr(request, " HTTP/1.1\r\n"), *method_end = strchr(request, ' ');
    assert(version && strchr(method_end + 1, ' ') == version);
}

static void check_conf(const struct check_conf *conf)
{
    struct target target;
    struct target_error error;

    assert(conf->timeout > 0 && conf->interval >= 0 && conf->wait >= 0 && conf->probe.max_latency > 0);
    assert(conf->probe.request.header_count <= HEADERS_MAX && conf->probe.matchers.range_count <= RANGES_MAX);
    assert(conf->probe.matchers.contains_count <= MATCHERS_MAX && conf->probe.matchers.json_count <= MATCHERS_MAX);
    assert(conf->target_count >= 1 && conf->target_count <= TARGETS_MAX);
    for (size_t i = 0; i < conf->probe.matchers.range_count; i++)
        assert(conf->ranges[i].from >= 100 && conf->ranges[i].from <= conf->ranges[i].to && conf->ranges[i].to <= 999);
    for (size_t i = 0; i < conf->target_count; i++)
        if (target_parse(conf->targets[i], &target, &error))
            check_request(conf, &target);
}

/* An expression of the operator's may take what memory regcomp(3) likes. */
static bool is_regex(const char *line)
{
    return strstr(line, "body-regex") || strstr(line, "BODY_REGEX");
}

/* Lines are arguments; those with a leading dot are variables. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string(data, size), *lines[ARGUMENTS_MAX + VARIABLES_MAX];
    char *argv[ARGUMENTS_MAX + 2] = { "healthcheck" }, *environment[VARIABLES_MAX + 1] = { NULL };
    int argc = 1, variables = 0, n = fuzz_lines(text, lines, ARGUMENTS_MAX + VARIABLES_MAX);
    struct check_conf conf;

    for (int i = 0; i < n; i++)
        if (lines[i][0] == '.' && variables < VARIABLES_MAX && !is_regex(lines[i]))
            environment[variables++] = lines[i] + 1;
        else if (lines[i][0] != '.' && argc <= ARGUMENTS_MAX && !is_regex(lines[i]))
            argv[argc++] = lines[i];
    environ = environment;
    arena.used = 0;
    if (options_parse(&conf, argc, argv, environment) && !conf.action)
        check_conf(&conf);
    free(text);
    return 0;
}
