/* Expands `${NAME}`, `${NAME:-default}`, `${NAME:+word}` and `${file:PATH}`. */
#include "pith/expand.h"

#include "pith/environment.h"

#include <string.h>

static bool expand_failed(struct expand_error *error, const char *what, size_t length, const char *why)
{
    text_copy(error->what, sizeof error->what, what, length);
    error->why = why;
    return false;
}

/* Appends what a reference stands for. REFERENCE is the text between `${` and `}`. */
static bool expand_reference(const char *reference, size_t length, char *const environment[], struct text *out,
                             struct expand_error *error)
{
    size_t name = environment_name(reference);
    const char *rest = reference + name;
    const char *value = environment_get(environment, reference, name);
    bool is_set = value && *value,
         has_word = name + 2 <= length && rest[0] == ':' && (rest[1] == '-' || rest[1] == '+');

    if (name > 0 && name < length && *rest == ':' && !has_word)
        return expand_failed(error, reference, name, "needs :- in front of its default (${NAME:-default})");
    if (name == 0 || (name != length && !has_word))
        return expand_failed(error, reference, length, "is not a variable's name");
    if (has_word && is_set == (rest[1] == '+')) {
        text_bytes(out, rest + 2, length - name - 2);
        return true;
    }
    if (has_word && !is_set)
        return true;
    if (!value)
        return expand_failed(error, reference, name, "is not set in the environment");
    text_string(out, value);
    return true;
}

/* The same, or PATH of a `${file:PATH}`. */
static bool expand_one(const char *reference, size_t length, char *const environment[], struct expand_files *files,
                       struct text *out, struct expand_error *error)
{
    static const char file[] = "file:/";
    enum { SKIP = sizeof file - 2 };

    if (files && length > SKIP && text_begins(reference, file, sizeof file - 1))
        return files->put(files, reference + SKIP, length - SKIP, out, error);
    return expand_reference(reference, length, environment, out, error);
}

/* Whether a `${` stands between FROM and END. */
static bool has_reference(const char *from, const char *end)
{
    while (from < end && !(from[0] == '$' && from[1] == '{'))
        from++;
    return from < end;
}

bool expand(const char *string, char *const environment[], struct expand_files *files, struct text *out,
            struct expand_error *error)
{
    for (;;) {
        size_t plain = text_until(string, '$');
        text_bytes(out, string, plain);
        string += plain;
        if (*string == '\0')
            return true;
        if (string[1] != '{') {
            text_char(out, '$');
            string += string[1] == '$' ? 2 : 1;
        } else {
            const char *reference = string + 2, *end = reference + text_until(reference, '}');
            if (*end == '\0')
                return expand_failed(error, string, strlen(string), "has no closing brace");
            if (has_reference(reference, end))
                return expand_failed(error, string, (size_t)(end - string) + 1, "has a ${ inside its default");
            if (!expand_one(reference, (size_t)(end - reference), environment, files, out, error))
                return false;
            string = end + 1;
        }
    }
}
