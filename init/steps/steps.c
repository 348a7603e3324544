/* The list of steps: filled by the options, checked and expanded before anything is done. */
#include "init/steps/steps.h"

#include "init/steps/limit.h"
#include "init/steps/words.h"
#include "pith/diag.h"
#include "pith/environment.h"
#include "pith/expand.h"
#include "pith/layout.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* How its variable separates several: paths may hold spaces and commands commas. */
static const struct {
    char option[9];
    char separator;
} kinds[STEP_KINDS] = {
    [STEP_ENV] = { "--env", '\n' },      [STEP_UMASK] = { "--umask", '\n' },   [STEP_LIMIT] = { "--limit", ',' },
    [STEP_REMOVE] = { "--remove", ',' }, [STEP_MKDIR] = { "--mkdir", ',' },    [STEP_CHOWN] = { "--chown", ',' },
    [STEP_RENDER] = { "--render", ',' }, [STEP_BEFORE] = { "--before", '\n' }, [STEP_ONCE] = { "--once", '\n' },
};

const char *step_option(enum step_kind kind)
{
    return kinds[kind].option;
}

/* --- as they are given ------------------------------------------------------------------------- */

/*
 * How many bytes of STRING, at most LENGTH, stand before the first colon that is outside of `${}`. A separator or a
 * '\0' stands behind the text, so that one byte more can be read.
 */
static size_t until_colon(const char *string, size_t length)
{
    size_t n = 0;

    for (bool inside = false; n < length && (inside || string[n] != ':'); n++)
        inside = inside ? string[n] != '}' : string[n] == '$' && string[n + 1] == '{';
    return n;
}

/* The length of PATH in PATH[:MODE]. MODE begins behind the last colon of the last component, but for one in braces. */
static size_t until_mode(const char *string, size_t length)
{
    bool inside = false;

    for (size_t n = length; n > 0 && (inside || string[n - 1] != '/'); n--) {
        if (!inside && string[n - 1] == ':')
            return n - 1;
        inside = inside ? string[n - 1] != '{' : string[n - 1] == '}';
    }
    return length;
}

static const char *check_words(const char *at, size_t length)
{
    struct text none = { NULL, 0, 0 };
    const char *why;
    int count = words_split(at, length, &none, &why);

    return why ? why : count == 0 ? "is no command" : NULL;
}

/* An octal number, at most 07777; else -1. */
static int parse_octal(const char *at, size_t length)
{
    int mode = length > 0 ? 0 : -1;

    for (; length > 0 && mode >= 0; at++, length--)
        mode = *at >= '0' && *at <= '7' && mode <= 0777 ? mode * 8 + (*at - '0') : -1;
    return mode;
}

/* NULL, or why AT cannot be a step of KIND. */
static const char *check(enum step_kind kind, const char *at, size_t length)
{
    size_t colon = until_colon(at, length), name = environment_name(at);
    struct limit limit;

    switch (kind) {
    case STEP_ENV:
        return name > 0 && name < length && at[name] == '=' ? NULL : "is not NAME=VALUE";
    case STEP_UMASK:
        return (unsigned)parse_octal(at, length) <= 0777 ? NULL : "is not an octal umask, such as 027";
    case STEP_LIMIT:
        return length && limit_parse(at, length, &limit) ? NULL
                                                         : "is not NAME=SOFT[:HARD] with SOFT<=HARD, as nofile=64:128";
    case STEP_RENDER:
        return colon > 0 && colon + 1 < length ? NULL : "is not FROM:TO";
    case STEP_BEFORE:
        return check_words(at, length);
    case STEP_ONCE:
        return colon > 0 && colon < length ? check_words(at + colon + 1, length - colon - 1) : "is not PATH:COMMAND";
    case STEP_MKDIR:
        colon = until_mode(at, length);
        if (colon < length && parse_octal(at + colon + 1, length - colon - 1) < 0)
            return "has no octal mode behind its colon, such as 0750";
        /* fall through */
    default:
        return length ? NULL : "is not a path";
    }
}

/* Takes the steps of KIND out of the list. */
static void drop(struct init_conf *conf, enum step_kind kind)
{
    size_t kept = 0;

    for (size_t i = 0; i < conf->step_count; i++)
        if (conf->steps[i].kind != kind)
            conf->steps[kept++] = conf->steps[i];
    conf->step_count = kept;
}

static const char *add(struct init_conf *conf, enum step_kind kind, const char *at, size_t length)
{
    static struct step steps[STEPS_MAX];
    const char *why = check(kind, at, length);

    if (why)
        return why;
    if (conf->step_count == STEPS_MAX)
        return "is one step too many (64 at most)";
    conf->steps = steps;
    steps[conf->step_count++] = (struct step){ .kind = kind, .at = at, .length = length };
    return NULL;
}

COLD const char *step_set(void *conf, const struct option_value *value)
{
    struct init_conf *into = conf;
    enum step_kind kind = (enum step_kind)((char *)value->field - (char *)conf);
    char separator = value->from_environment ? kinds[kind].separator : '\0';
    const char *why = NULL, *list = value->string;

    if (value->fresh)
        drop(into, kind);
    do {
        struct element step = text_element(list, separator);
        if (step.length > 0 || separator != '\n') /* a list in YAML ends in an empty line */
            why = add(into, kind, step.at, step.length);
        list = text_behind(step, separator);
    } while (list && !why);
    return why;
}

/* --- expanded ---------------------------------------------------------------------------------- */

static char *no_room(const struct step *step)
{
    diagf("%s: %s", step_option(step->kind), DIAG_ERRNO);
    return NULL;
}

/* A C string of the LENGTH bytes at AT, expanded. NULL after a message. */
static char *expand_part(const struct step *step, const char *at, size_t length, char *const environment[],
                         struct arena *arena)
{
    struct expand_error error;
    struct text raw = arena_text(arena), out;

    text_bytes(&raw, at, length);
    text_char(&raw, '\0');
    char *string = arena_keep(arena, &raw);
    if (!string)
        return no_room(step);
    out = arena_text(arena);
    if (!expand(string, environment, NULL, &out, &error)) {
        diagf("%s: '%s': %s %s", step_option(step->kind), string, error.what, error.why);
        return NULL;
    }
    text_char(&out, '\0');
    string = arena_keep(arena, &out);
    return string ? string : no_room(step);
}

/* The words of a command, each expanded after the splitting. NULL after a message. */
static char **expand_words(const struct step *step, size_t from, char *const environment[], struct arena *arena)
{
    struct text out = arena_text(arena);
    const char *why;
    size_t count = (size_t)words_split(step->at + from, step->length - from, &out, &why);
    char *word = arena_keep(arena, &out);
    char **list = word ? arena_list(arena, word, count) : NULL;

    if (!list)
        no_room(step);
    for (size_t i = 0; list && i < count; i++)
        if (!(list[i] = expand_part(step, list[i], strlen(list[i]), environment, arena)))
            return NULL;
    return list;
}

/* The parts of STEP that are strings: PATH and what stands behind its colon. */
static bool expand_parts(struct step *step, size_t colon, char *const environment[], struct arena *arena)
{
    step->path = expand_part(step, step->at, colon, environment, arena);
    if (!step->path)
        return false;
    if (*step->path == '\0') {
        diagf("%s: an empty path", step_option(step->kind));
        return false;
    }
    if (colon == step->length || step->kind == STEP_ONCE)
        return true;
    step->to = expand_part(step, step->at + colon + 1, step->length - colon - 1, environment, arena);
    return step->to;
}

/* Sets the variable of a step, in place of the entry that is there or behind all others. */
static bool set_variable(const struct step *step, char *environment[], struct arena *arena)
{
    size_t name = environment_name(step->at) + 1;
    char *entry = expand_part(step, step->at, step->length, environment, arena);

    while (*environment && !text_begins(*environment, step->at, name))
        environment++;
    *environment = entry;
    return entry;
}

static bool prepare_step(struct step *step, char *environment[], struct arena *arena)
{
    switch (step->kind) {
    case STEP_ENV:
    case STEP_UMASK:
    case STEP_LIMIT:
        return true;
    case STEP_BEFORE:
        return (step->argv = expand_words(step, 0, environment, arena));
    case STEP_ONCE: {
        size_t colon = until_colon(step->at, step->length);
        return expand_parts(step, colon, environment, arena) &&
               (step->argv = expand_words(step, colon + 1, environment, arena));
    }
    case STEP_MKDIR:
        return expand_parts(step, until_mode(step->at, step->length), environment, arena);
    default:
        return expand_parts(step, step->kind == STEP_RENDER ? until_colon(step->at, step->length) : step->length,
                            environment, arena);
    }
}

COLD bool steps_prepare(struct init_conf *conf, char *environment[], struct arena *arena)
{
    struct step *end = conf->steps + conf->step_count;

    for (struct step *step = conf->steps; step < end; step++)
        if (step->kind == STEP_ENV && !set_variable(step, environment, arena))
            return false;
    for (struct step *step = conf->steps; step < end; step++) {
        if (!prepare_step(step, environment, arena))
            return false;
        conf->has_steps |= step->kind >= STEP_REMOVE;
        conf->process_count += step->kind >= STEP_BEFORE;
    }
    return true;
}

const struct step *step_process(const struct init_conf *conf, size_t n)
{
    const struct step *step = conf->steps;

    for (;; step++)
        if (step->kind >= STEP_BEFORE && n-- == 0)
            return step;
}

/* --- in the child ------------------------------------------------------------------------------ */

static bool limit_process(const struct step *step)
{
    struct limit limit;

    if (limit_parse(step->at, step->length, &limit) && limit_set(&limit))
        return true;
    diagf("--limit: '%.*s': %s", (int)step->length, step->at, DIAG_ERRNO);
    return false;
}

COLD bool steps_limit(const struct init_conf *conf)
{
    for (size_t i = 0; i < conf->step_count; i++) {
        const struct step *step = &conf->steps[i];
        if (step->kind == STEP_UMASK)
            umask((mode_t)parse_octal(step->at, step->length));
        if (step->kind == STEP_LIMIT && !limit_process(step))
            return false;
    }
    return true;
}
