/*
 * Templates and arguments, compared with a second expansion. That one copies each piece of the string before it looks
 * at it, and finds what is wrong by C's own functions for strings.
 */
#include "fuzz.h"
#include "pith/expand.h"

#include <stdbool.h>

enum { VARIABLES = 5, OUT_SIZE = 1 << 16 };

static const char *const names[VARIABLES] = { "A", "EMPTY", "a.b-c", "_1", "AB" };
static const char *const values[VARIABLES] = { "one", "", "${A}$$", "\n", "x" };
static char *const environment[] = { "A=one", "EMPTY=", "a.b-c=${A}$$", "_1=\n", "AB=x", NULL };

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.-", digits[] = "0123456789";

/* The value of the variable NAME, NULL where there is none. */
static const char *value_of(const char *name)
{
    for (int i = 0; i < VARIABLES; i++)
        if (strcmp(names[i], name) == 0)
            return values[i];
    return NULL;
}

/* How many bytes of STRING are a name. */
static size_t name_of(const char *string)
{
    char all[sizeof letters + sizeof digits] = "";

    strcat(strcat(all, letters), digits);
    return *string && strchr(letters, *string) ? strspn(string, all) : 0;
}

/* What the text between the braces stands for, or NULL where it is an error. It is cut in place. */
static const char *stands_for(char *reference)
{
    size_t length = name_of(reference);
    char *rest = reference + length, sign = rest[0] == ':' ? rest[1] : '\0';
    bool is_bare = *rest == '\0', has_word = sign == '-' || sign == '+';

    if (length == 0 || (!is_bare && !has_word) || strstr(reference, "${"))
        return NULL;
    *rest = '\0';
    const char *value = value_of(reference);
    if (is_bare)
        return value;
    if (sign == '+')
        return value && *value ? rest + 2 : "";
    return value && *value ? value : rest + 2;
}

/* Appends STRING, expanded, to OUT. False where it is in error. */
static bool expand_simply(const char *string, char *out)
{
    for (const char *dollar; (dollar = strchr(string, '$'));) {
        out = strncat(out, string, (size_t)(dollar - string));
        string = dollar + 1;
        if (*string == '$' || *string != '{') {
            strcat(out, "$");
            string += *string == '$';
            continue;
        }
        const char *brace = strchr(string, '}');
        if (!brace)
            return false;
        char *reference = fuzz_string((const uint8_t *)string + 1, (size_t)(brace - string - 1));
        const char *text = stands_for(reference);
        if (text)
            strcat(out, text);
        free(reference);
        if (!text)
            return false;
        string = brace + 1;
    }
    strcat(out, string);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char wanted[OUT_SIZE], got[OUT_SIZE];
    char *template = fuzz_string(data, size);
    struct text out = { got, sizeof got, 0 }, none = { NULL, 0, 0 };
    struct expand_error error = { .why = NULL };

    *wanted = '\0';
    bool good = expand_simply(template, wanted);
    assert(expand(template, environment, NULL, &out, &error) == good);
    if (good) {
        assert(out.length == strlen(wanted) && memcmp(got, wanted, out.length) == 0);
        assert(expand(template, environment, NULL, &none, &error) && none.length == out.length);
    } else {
        assert(error.why && memchr(error.what, '\0', sizeof error.what));
    }
    free(template);
    return 0;
}
