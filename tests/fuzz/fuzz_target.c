/* Targets and redirects: every piece lies in the text, passwords do not show, a redirect stays on its host. */
#include "fuzz.h"
#include "healthcheck/http/redirect.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/target/target.h"

enum { SHOWN_SIZE = 16384, URL_SIZE = 8192 };

static void assert_inside(struct span span, const struct target *target, const char *string)
{
    bool is_default = span.length == 9 && memcmp(span.at, "localhost", 9) == 0;

    assert(!span.at || is_default || (span.at >= string && span.at + span.length <= string + strlen(string)));
    (void)target;
}

static void check_target(const struct target *target, const char *string)
{
    static char shown[SHOWN_SIZE];
    struct text out = { shown, sizeof shown, 0 };

    assert_inside(target->host, target, string);
    assert_inside(target->socket, target, string);
    assert_inside(target->path, target, string);
    assert_inside(target->query, target, string);
    assert_inside(target->userinfo, target, string);
    for (const char *c = string; *c; c++)
        assert((unsigned char)*c >= ' ' && *c != 0x7f);
    target_show(target, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string(data, size), *lines[2] = { "", "" }, shown[TARGET_SHOWN_MAX];
    static char url[URL_SIZE];
    struct target target, next;
    struct target_error error;

    fuzz_lines(text, lines, 2);
    target_show_raw(lines[0], shown);
    if (!target_parse(lines[0], &target, &error)) {
        assert(error.why);
    } else {
        check_target(&target, lines[0]);
        struct span location = { lines[1], strlen(lines[1]) };
        if (target.host.at && !redirect_resolve(&target, location, url, sizeof url, &next)) {
            check_target(&next, url);
            assert(!next.userinfo.at);
            assert(!target.tls || next.tls);
        }
    }
    free(text);
    return 0;
}
