/*
 * The JSON matcher: no document, path or value brings it down, what it calls JSON it calls JSON for any path, and so
 * does jansson, a second reader, which finds the same words and strings at the same paths.
 */
#include "fuzz.h"
#include "healthcheck/http/json.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* --- the second reader ------------------------------------------------------------------------------ */

enum { PATH_SIZE = 1 << 14 };

static struct document {
    const char *at;
    size_t length;
} document;

/* The path to what is compared, as json.h has paths. */
static char path[PATH_SIZE];
static size_t path_length;

static void expect(enum json_verdict wanted, const char *value)
{
    if (path_length > 0)
        assert(json_match(document.at, document.length, (struct span){ path, path_length }, value) == wanted);
}

static void compare(const json_t *value, unsigned depth);

static void compare_member(const char *key, size_t length, const json_t *value, unsigned depth)
{
    size_t before = path_length;

    if (PATH_SIZE - path_length < 2 * length + sizeof "[\"\"]")
        return;
    path_length += (size_t)snprintf(path + path_length, PATH_SIZE - path_length, "[\"");
    for (size_t i = 0; i < length; i++) {
        if (key[i] == '"' || key[i] == '\\')
            path[path_length++] = '\\';
        path[path_length++] = key[i];
    }
    path_length += (size_t)snprintf(path + path_length, PATH_SIZE - path_length, "\"]");
    compare(value, depth);
    path_length = before;
}

static void compare_item(size_t index, const json_t *value, unsigned depth)
{
    size_t before = path_length;

    if (PATH_SIZE - path_length < 32)
        return;
    path_length += (size_t)snprintf(path + path_length, PATH_SIZE - path_length, "[%zu]", index);
    compare(value, depth);
    path_length = before;
}

static void compare_string(const json_t *value)
{
    const char *string = json_string_value(value);

    /* Neither a NUL nor a `|` can be asked for. */
    if (strlen(string) == json_string_length(value) && !strchr(string, '|'))
        expect(JSON_EQUAL, string);
}

/* Compares VALUE, at `path`, and all in it that is not deep. Numbers are not compared: jansson rounds them. */
static void compare(const json_t *value, unsigned depth)
{
    const char *key;
    size_t length, index;
    json_t *inner;

    if (json_is_string(value))
        compare_string(value);
    else if (json_is_boolean(value))
        expect(JSON_EQUAL, json_is_true(value) ? "true" : "false");
    else if (json_is_null(value))
        expect(JSON_EQUAL, "null");
    else if (!json_is_number(value))
        expect(JSON_DIFFERENT, "");
    if (depth == 4)
        return;
    json_object_keylen_foreach((json_t *)(uintptr_t)value, key, length, inner)
        compare_member(key, length, inner, depth + 1);
    json_array_foreach(value, index, inner) compare_item(index, inner, depth + 1);
}

static unsigned depth_of(const json_t *value)
{
    unsigned deepest = 0, depth;
    size_t index;
    const char *key;
    json_t *inner;

    json_object_foreach((json_t *)(uintptr_t)value, key, inner) deepest =
        (depth = depth_of(inner)) > deepest ? depth : deepest;
    json_array_foreach(value, index, inner) deepest = (depth = depth_of(inner)) > deepest ? depth : deepest;
    return json_is_object(value) || json_is_array(value) ? deepest + 1 : 0;
}

static bool says(const json_error_t *error, const char *start)
{
    return strncmp(error->text, start, strlen(start)) == 0;
}

/*
 * Whether jansson refuses what json.c takes: numbers beyond a double, a NUL in a key, half a surrogate pair (RFC 8259,
 * 8.2), and bytes that are not UTF-8, which are content like others.
 */
static bool cannot_hold(const json_error_t *error)
{
    enum json_error_code code = json_error_code(error);

    return code == json_error_numeric_overflow || code == json_error_null_byte_in_key ||
           says(error, "invalid Unicode") || says(error, "unable to decode byte");
}

/* VALID: json.c calls the document JSON. */
static void judge(bool valid)
{
    json_error_t error;
    json_t *root =
        json_loadb(document.at, document.length, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &error);

    if (root && valid)
        compare(root, 0);
    else if (root)
        assert(depth_of(root) > JSON_DEPTH_MAX);
    else if (valid && !cannot_hold(&error)) {
        fprintf(stderr, "jansson refuses it: %s\n", error.text);
        abort();
    }
    json_decref(root);
}

/* --- the fuzzer ------------------------------------------------------------------------------------- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = memchr(data, '\n', size);
    struct span asked;
    const char *value;
    bool differs;

    if (!newline)
        return 0;
    size_t head = (size_t)(newline - data);
    char *match = fuzz_string(data, head), *bytes = fuzz_bytes(newline + 1, size - head - 1);
    document = (struct document){ bytes, size - head - 1 };
    bool valid = json_match(bytes, document.length, (struct span){ "x", 1 }, "y") != JSON_INVALID;
    if (json_split(match, &asked, &value, &differs))
        assert((json_match(bytes, document.length, asked, value) != JSON_INVALID) == valid);
    if (!memchr(bytes, '\0', document.length)) /* where jansson stops */
        judge(valid);
    free(match);
    free(bytes);
    return 0;
}
