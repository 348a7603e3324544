/* Judges bodies. */
#include "healthcheck/matchers.h"

#include "healthcheck/ere.h"
#include "healthcheck/json.h"
#include "healthcheck/memory.h"
#include "pith/duration.h"
#include "pith/text.h"

#include <string.h>

enum { SLICE = 16384 }; /* bytes an expression is run over between two looks at the clock */

const char *matchers_compile(struct check_conf *conf)
{
    struct ere *ere = memory_get(sizeof *ere);

    conf->regex_compiled[conf->regex_count - 1] = ere;
    return ere ? ere_compile(ere, conf->regexes[conf->regex_count - 1]) : "needs more memory than there is";
}

bool matchers_any(const struct check_conf *conf)
{
    return conf->contains_count || conf->regex_count || conf->json_count;
}

static const char *why_not(bool cut)
{
    return cut ? "' in its first MiB" : "'";
}

static bool json_holds(const struct json_match *match, const char *body, size_t length, struct result *result)
{
    char path[RESULT_REASON_SIZE];
    struct text out = { path, sizeof path - 1, 0 };

    text_bytes(&out, match->path.at, match->path.length);
    path[text_fits(&out)] = '\0';
    switch (json_match(body, length, match->path, match->value)) {
    case JSON_EQUAL:
        return true;
    case JSON_DIFFERENT:
        return result_fail(result, "JSON: ", path, " is not ", match->value, NULL);
    case JSON_MISSING:
        return result_fail(result, "JSON: there is no ", path, NULL);
    default:
        return result_fail(result, "the body is not JSON", NULL);
    }
}

/* Up to the first NUL byte, as regexec(3) would. */
static bool ere_holds(const struct ere *ere, struct conn *conn, const char *body, size_t length)
{
    struct ere_search search;

    length = strnlen(body, length);
    ere_begin(&search, ere);
    for (size_t at = 0; at < length; at += SLICE) {
        if (time_now() >= conn->deadline) {
            conn->error = CONN_DEADLINE;
            return false;
        }
        if (ere_feed(&search, body + at, length - at < SLICE ? length - at : SLICE))
            return true;
    }
    return ere_end(&search);
}

bool matchers_hold(const struct check_conf *conf, struct conn *conn, const char *body, size_t length, bool cut,
                   struct result *result)
{
    conn_phase(conn, "matching the body");
    for (size_t i = 0; i < conf->contains_count; i++)
        if (!memmem(body, length, conf->contains[i], strlen(conf->contains[i])))
            return result_fail(result, "the body does not contain '", conf->contains[i], why_not(cut), NULL);
    if (cut && conf->json_count)
        return result_fail(result, "the body is longer than 1 MiB, too long to be read as JSON", NULL);
    for (size_t i = 0; i < conf->json_count; i++)
        if (!json_holds(&conf->json[i], body, length, result))
            return false;
    conn->error = 0;
    for (size_t i = 0; i < conf->regex_count; i++) {
        if (ere_holds(conf->regex_compiled[i], conn, body, length))
            continue;
        if (conn->error == CONN_DEADLINE)
            return conn_explain(conn, result);
        return result_fail(result, "the body does not match '", conf->regexes[i], why_not(cut), NULL);
    }
    return true;
}
