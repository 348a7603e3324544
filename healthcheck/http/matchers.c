/* Compiles the matchers of bodies, and judges by them. */
#include "healthcheck/http/matchers.h"

#include "healthcheck/features.h"
#include "healthcheck/http/ere.h"
#include "healthcheck/http/json.h"
#include "healthcheck/sys/memory.h"
#include "pith/layout.h"
#include "pith/text.h"

#include <stdlib.h>
#include <string.h>

/* Statuses that are healthy unless the user wants others. */
enum { DEFAULT_FROM = 200, DEFAULT_TO = 399 };

#if PITH_REGEX
const char *matchers_compile(struct matchers *matchers)
{
    size_t last = matchers->regex_count - 1;

    if (last == 0)
        matchers->regex_weight = 0;
    if (!ere_is_small(matchers->regexes[last], &matchers->regex_weight))
        return last == 0 ? "is too large an expression" : "is too large an expression beside those before it";
    if (!matchers->compiled)
        matchers->compiled = memory_get(MATCHERS_MAX * sizeof *matchers->compiled);
    if (!matchers->compiled)
        return "cannot be compiled: out of memory";
    switch (regcomp(&matchers->compiled[last], matchers->regexes[last], REG_EXTENDED | REG_NEWLINE | REG_NOSUB)) {
    case 0:
        return NULL;
    case REG_ESPACE:
        return "cannot be compiled: out of memory";
    default:
        return "is not an extended regular expression";
    }
}

static bool regex_holds(const regex_t *regex, const char *body)
{
    return regexec(regex, body, 0, NULL, 0) == 0;
}
#else
const char *matchers_compile(struct matchers *matchers)
{
    (void)matchers;
    return "needs regular expressions, which this build lacks";
}

static bool regex_holds(const regex_t *regex, const char *body)
{
    (void)regex, (void)body;
    return false;
}
#endif

HOT bool matchers_want(const struct matchers *matchers, int status)
{
    if (matchers->range_count == 0)
        return status >= DEFAULT_FROM && status <= DEFAULT_TO;
    for (size_t i = 0; i < matchers->range_count; i++)
        if (status >= matchers->ranges[i].from && status <= matchers->ranges[i].to)
            return true;
    return false;
}

COLD void matchers_put_wanted(const struct matchers *matchers, struct text *out)
{
    static const struct status_range usual = { DEFAULT_FROM, DEFAULT_TO };
    const struct status_range *ranges = matchers->range_count > 0 ? matchers->ranges : &usual;

    for (size_t i = 0; i < matchers->range_count || i == 0; i++) {
        text_string(out, i == 0 ? ", wanted " : ",");
        text_number(out, ranges[i].from);
        if (ranges[i].to == ranges[i].from)
            continue;
        text_char(out, '-');
        text_number(out, ranges[i].to);
    }
}

HOT bool matchers_any(const struct matchers *matchers)
{
    return matchers->contains_count || matchers->regex_count || matchers->json_count;
}

/* How a reason ends that quotes a matcher. */
static const char *why_not(bool cut)
{
    return cut ? "' in its first MiB" : "'";
}

/* What a reason says of a PATH at which nothing is: what jq and others write in another way. */
static const char *doubt_path(const char *path)
{
    if (path[0] == '$' && (path[1] == '.' || path[1] == '['))
        return " (a path begins without $)";
    for (; *path; path++)
        if (path[0] == '.' && is_digit(path[1]))
            return " (an item of an array is [0])";
        else if (path[0] == ' ' && path[1] == '\0')
            return " (a blank beside = counts)";
    return "";
}

/* How a reason ends that quotes VALUE: strings are compared by their content. */
static const char *doubt_value(const char *value)
{
    size_t length = strlen(value);

    return length > 1 && value[0] == '"' && value[length - 1] == '"' ? "' (without quotes)" : "'";
}

static bool json_holds(const struct json_match *match, const char *body, size_t length, struct result *result)
{
    char path[RESULT_REASON_SIZE];
    enum json_verdict verdict = json_match(body, length, match->path, match->value);

    if (verdict == (match->differs ? JSON_DIFFERENT : JSON_EQUAL))
        return true;
    text_copy(path, sizeof path, match->path.at, match->path.length);
    bool several = strchr(match->value, '|');
    switch (verdict) {
    case JSON_EQUAL:
        return result_fail(result, "JSON: ", path, several ? " is one of '" : " is '", match->value,
                           "', which it must not be", NULL);
    case JSON_DIFFERENT:
        return result_fail(result, "JSON: ", path, several ? " is none of '" : " is not '", match->value,
                           doubt_value(match->value), NULL);
    case JSON_MISSING:
        return result_fail(result, "JSON: there is no ", path, doubt_path(path), NULL);
    default:
        return result_fail(result, "the body is not JSON", NULL);
    }
}

bool matchers_hold(const struct matchers *matchers, const char *body, size_t length, bool cut, struct result *result)
{
    for (size_t i = 0; i < matchers->contains_count; i++)
        if (!memmem(body, length, matchers->contains[i], strlen(matchers->contains[i])))
            return result_fail(result, "the body does not contain '", matchers->contains[i], why_not(cut), NULL);
    if (PITH_EXTRAS && cut && matchers->json_count)
        return result_fail(result, "the body is longer than 1 MiB, too long to be read as JSON", NULL);
    for (size_t i = 0; PITH_EXTRAS && i < matchers->json_count; i++)
        if (!json_holds(&matchers->json[i], body, length, result))
            return false;
    for (size_t i = 0; i < matchers->regex_count; i++)
        if (!regex_holds(&matchers->compiled[i], body))
            return result_fail(result, "the body does not match '", matchers->regexes[i], why_not(cut), NULL);
    return true;
}
