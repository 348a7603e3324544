/*
 * The words of a command line, compared with a second reading of the manual: that one goes by what is still to be read
 * and decides about each backslash before it looks at anything else.
 */
#include "fuzz.h"
#include "init/steps/words.h"

#include <stdbool.h>

/* What is left to read, and what the reference has made of the rest: words, each with a NUL behind it. */
struct reading {
    const char *at, *end;
    char *out;
    size_t length;
    int words;
};

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

/* The byte that DIGITS digits at AT make, or -1: strtol(3) takes signs and blanks, so that digits are counted first. */
static int numbered(const struct reading *reading, const char *digits, size_t count, int base)
{
    char number[4] = "";

    for (size_t i = 0; i < count; i++) {
        if (reading->at + i >= reading->end || !is_one_of(reading->at[i], digits))
            return -1;
        number[i] = reading->at[i];
    }
    long value = strtol(number, NULL, base);
    return value >= 1 && value <= 255 ? (int)value : -1;
}

/* The bytes behind a backslash, which has been read. */
static void read_escape(struct reading *reading)
{
    static const char *const named[] = { "a\a", "b\b",  "f\f",  "n\n", "r\r",  "t\t",  "v\v", "s ",
                                         "''",  "\"\"", "\\\\", "  ",  "\t\t", "\n\n", "\r\r" };
    int byte = numbered(reading, "01234567", 3, 8);

    if (byte >= 0) {
        reading->out[reading->length++] = (char)byte;
        reading->at += 3;
        return;
    }
    char name = *reading->at++;
    byte = name == 'x' ? numbered(reading, "0123456789abcdefABCDEF", 2, 16) : -1;
    if (byte >= 0)
        reading->at += 2;
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (named[i][0] == name)
            byte = named[i][1];
    if (byte < 0) {
        reading->out[reading->length++] = '\\';
        byte = (unsigned char)name;
    }
    reading->out[reading->length++] = (char)byte;
}

/* Reads up to one of the bytes in STOPS, which is left, or to the end. Returns what is wrong, or NULL. */
static const char *read_until(struct reading *reading, const char *stops)
{
    while (reading->at < reading->end && !is_one_of(*reading->at, stops)) {
        if (*reading->at != '\\') {
            reading->out[reading->length++] = *reading->at++;
            continue;
        }
        if (++reading->at == reading->end)
            return "ends in a backslash";
        read_escape(reading);
    }
    return NULL;
}

/* A word is made of plain pieces and of quoted ones. Returns what is wrong, or NULL. */
static const char *read_word(struct reading *reading)
{
    const char *wrong = NULL;

    while (!wrong && reading->at < reading->end && !is_one_of(*reading->at, " \t\n\r")) {
        char quote[2] = { *reading->at, '\0' };
        if (*quote != '\'' && *quote != '"') {
            wrong = read_until(reading, " \t\n\r'\"");
            continue;
        }
        reading->at++;
        wrong = read_until(reading, quote);
        if (!wrong && reading->at == reading->end)
            wrong = "has a quote without an end";
        reading->at++;
    }
    reading->out[reading->length++] = '\0';
    reading->words++;
    return wrong;
}

static const char *read_all_words(struct reading *reading)
{
    const char *wrong = NULL;

    while (!wrong) {
        while (reading->at < reading->end && is_one_of(*reading->at, " \t\n\r"))
            reading->at++;
        if (reading->at == reading->end)
            break;
        wrong = read_word(reading);
    }
    return wrong;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *string = fuzz_string(data, size), *wanted = malloc(2 * size + 2), *got = malloc(2 * size + 2);
    size_t length = strlen(string);
    char *bytes = fuzz_bytes(data, length); /* not terminated: an element of a list */
    struct reading reading = { bytes, bytes + length, wanted, 0, 0 };
    struct text out = { got, 2 * size + 2, 0 }, none = { NULL, 0, 0 };
    const char *why, *wrong = read_all_words(&reading);
    int words = words_split(bytes, length, &out, &why);

    assert(wanted && got);
    if (wrong) {
        assert(words == -1 && strcmp(why, wrong) == 0);
    } else {
        assert(words == reading.words && out.length == reading.length);
        assert(memcmp(got, wanted, reading.length) == 0);
        assert(words_split(bytes, length, &none, &why) == words && none.length == out.length);
    }
    free(bytes);
    free(got);
    free(wanted);
    free(string);
    return 0;
}
