/* Judges bodies. */
#include "healthcheck/matchers.h"

#include "healthcheck/json.h"
#include "pith/text.h"

#include <stdlib.h>
#include <string.h>

const char *matchers_compile(struct check_conf *conf)
{
    static char why[128];
    static const char intro[] = "is not an extended regular expression: ";
    size_t i = conf->regex_count - 1;

    conf->regex_compiled[i] = malloc(sizeof(regex_t));
    if (!conf->regex_compiled[i])
        return "needs more memory than there is";
    int error = regcomp(conf->regex_compiled[i], conf->regexes[i], REG_EXTENDED | REG_NEWLINE | REG_NOSUB);
    if (error == 0)
        return NULL;
    memcpy(why, intro, sizeof intro);
    regerror(error, conf->regex_compiled[i], why + sizeof intro - 1, sizeof why - (sizeof intro - 1));
    return why;
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

bool matchers_hold(const struct check_conf *conf, char *body, size_t length, bool cut, struct result *result)
{
    for (size_t i = 0; i < conf->contains_count; i++)
        if (!memmem(body, length, conf->contains[i], strlen(conf->contains[i])))
            return result_fail(result, "the body does not contain '", conf->contains[i], why_not(cut), NULL);
    if (cut && conf->json_count)
        return result_fail(result, "the body is longer than 1 MiB, too long to be read as JSON", NULL);
    for (size_t i = 0; i < conf->json_count; i++)
        if (!json_holds(&conf->json[i], body, length, result))
            return false;
    body[length] = '\0';
    for (size_t i = 0; i < conf->regex_count; i++)
        if (regexec(conf->regex_compiled[i], body, 0, NULL, 0) != 0)
            return result_fail(result, "the body does not match '", conf->regexes[i], why_not(cut), NULL);
    return true;
}
