/*
 * Reads a JSON document (RFC 8259) once, from front to end, and compares the value at a path on the way.
 *
 * The reader goes down into objects and arrays by recursion. It passes the rest of the path along where it is on the
 * way to the wanted value, and NULL where it is not. The whole document is checked, also behind that value.
 */
#include "healthcheck/http/json.h"

#include <stdint.h>
#include <string.h>

/* A step of a path: an index of an array, or a key of an object. */
struct step {
    bool is_index;
    uint64_t index;
    struct span key; /* as typed: in a quoted key a `\` stands in front of a byte that is meant as it is */
};

/* The state of reading. */
struct reader {
    const char *at;
    const char *end;
    unsigned depth;
    struct span wanted; /* the wanted values, divided by `|` */
    struct span value;  /* the one of them that is compared now */
    enum json_verdict verdict;
};

/* --- paths -------------------------------------------------------------------- */

static bool take_index(struct span *path, struct step *step)
{
    size_t n = 1;

    step->is_index = true;
    step->index = 0;
    for (; n < path->length && is_digit(path->at[n]) && n < 10; n++)
        step->index = step->index * 10 + (uint64_t)(path->at[n] - '0');
    if (n == 1 || n == path->length || path->at[n] != ']')
        return false;
    span_drop(path, n + 1);
    return true;
}

static bool take_quoted(struct span *path, struct step *step)
{
    size_t n = 2;

    while (n < path->length && path->at[n] != '"')
        n += path->at[n] == '\\' ? 2 : 1;
    if (n + 1 >= path->length || path->at[n + 1] != ']')
        return false;
    step->key = (struct span){ path->at + 2, n - 2 };
    span_drop(path, n + 2);
    return true;
}

static bool take_plain(struct span *path, struct step *step)
{
    size_t n = 0;

    while (n < path->length && !strchr(".[]\"", path->at[n]))
        n++;
    step->key = (struct span){ path->at, n };
    span_drop(path, n);
    return n > 0;
}

/* Takes the next step of a path. FIRST: no dot stands in front of a key. False where there is none. */
static bool take_step(struct span *path, struct step *step, bool first)
{
    *step = (struct step){ .is_index = false };
    if (path->length > 1 && path->at[0] == '[')
        return path->at[1] == '"' ? take_quoted(path, step) : take_index(path, step);
    if (!first) {
        if (path->length == 0 || path->at[0] != '.')
            return false;
        span_drop(path, 1);
    }
    return take_plain(path, step);
}

/* The byte at *AT of a key, or the one behind a `\` there. *AT moves behind it. */
static char key_byte(struct span key, size_t *at)
{
    if (key.at[*at] == '\\' && *at + 1 < key.length)
        ++*at;
    return key.at[(*at)++];
}

/* The first `=` that is not in quotes, where the path ends; NULL where there is none. */
static const char *find_equals(const char *match)
{
    bool quoted = false;

    for (; *match && (quoted || *match != '='); match++) {
        if (quoted && *match == '\\' && match[1])
            match++;
        else if (*match == '"')
            quoted = !quoted;
    }
    return *match ? match : NULL;
}

bool json_split(const char *match, struct span *path, const char **value, bool *differs)
{
    const char *equals = find_equals(match);
    struct step step;

    if (!equals || equals == match)
        return false;
    *differs = equals[-1] == '!';
    *path = (struct span){ match, (size_t)(equals - match - *differs) };
    *value = equals + 1;
    struct span rest = *path;
    for (bool first = true; rest.length > 0; first = false)
        if (!take_step(&rest, &step, first))
            return false;
    return path->length > 0;
}

/* --- numbers -------------------------------------------------------------------- */

/* A number of any length and exponent: 0.DIGITS * 10^EXPONENT. DIGITS have no zeros at their ends. */
struct number {
    bool negative;
    int64_t exponent;
    struct span digits; /* as they stand there; the decimal point may be among them */
};

/* How many digits stand at AT. */
static size_t skip_json_digits(const char *at, const char *end)
{
    const char *from = at;

    while (at < end && is_digit(*at))
        at++;
    return (size_t)(at - from);
}

/* The length of the JSON number at AT, or 0. */
static size_t number_length(const char *at, const char *end)
{
    const char *from = at;
    size_t n;

    if (at < end && *at == '-')
        at++;
    n = skip_json_digits(at, end);
    if (n == 0 || (*at == '0' && n > 1))
        return 0;
    at += n;
    if (at < end && *at == '.') {
        n = skip_json_digits(++at, end);
        if (n == 0)
            return 0;
        at += n;
    }
    if (at < end && (*at | 32) == 'e') {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        n = skip_json_digits(at, end);
        if (n == 0)
            return 0;
        at += n;
    }
    return (size_t)(at - from);
}

/* Reads an exponent. It is cut at about a billion: beyond that, numbers are not told apart. */
static int64_t read_exponent(const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    int64_t value = 0;

    for (at += at < end && (*at == '-' || *at == '+'); at < end; at++)
        if (value < 1000000000)
            value = value * 10 + (*at - '0');
    return negative ? -value : value;
}

/* Takes the JSON number of LENGTH bytes at AT apart. */
static struct number take_number(const char *at, size_t length)
{
    const char *end = at + length, *mantissa_end = at;
    struct number number = { .negative = *at == '-' };

    at += number.negative;
    while (mantissa_end < end && (*mantissa_end | 32) != 'e')
        mantissa_end++;
    if (mantissa_end < end)
        number.exponent = read_exponent(mantissa_end + 1, end);
    const char *point = memchr(at, '.', (size_t)(mantissa_end - at));
    number.exponent += (point ? point : mantissa_end) - at;
    for (; at < mantissa_end && (*at == '0' || *at == '.'); at++)
        number.exponent -= *at == '0';
    while (mantissa_end > at && (mantissa_end[-1] == '0' || mantissa_end[-1] == '.'))
        mantissa_end--;
    number.digits = (struct span){ at, (size_t)(mantissa_end - at) };
    return number;
}

/* Takes the next digit, and skips the decimal point. NUL at the end. */
static char next_digit(struct span *digits)
{
    while (digits->length > 0) {
        char c = *digits->at;
        span_drop(digits, 1);
        if (c != '.')
            return c;
    }
    return '\0';
}

static bool numbers_equal(struct number a, struct number b)
{
    char digit;

    if (a.digits.length == 0 || b.digits.length == 0)
        return a.digits.length == b.digits.length; /* zero, whatever its sign */
    if (a.negative != b.negative || a.exponent != b.exponent)
        return false;
    do {
        digit = next_digit(&a.digits);
        if (digit != next_digit(&b.digits))
            return false;
    } while (digit);
    return true;
}

/* --- the document ----------------------------------------------------------------- */

static bool read_value(struct reader *reader, const struct span *path, bool first);

static void skip_space(struct reader *reader)
{
    while (reader->at < reader->end && is_space(*reader->at))
        reader->at++;
}

static bool json_take(struct reader *reader, char c)
{
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

/* The four digits behind `\u`. */
static bool read_unit(struct reader *reader, uint32_t *unit)
{
    *unit = 0;
    if (reader->end - reader->at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(*reader->at++);
        if (digit < 0)
            return false;
        *unit = *unit * 16 + (uint32_t)digit;
    }
    return true;
}

static size_t put_utf8(uint32_t point, char bytes[4])
{
    size_t n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

    for (size_t i = n; i-- > 1; point >>= 6)
        bytes[i] = (char)(0x80 | (point & 0x3f));
    bytes[0] = (char)(n == 1 ? point : point | (0xf00 >> n & 0xff));
    return n;
}

/*
 * Reads a code point behind `\u`. One above U+FFFF is written as two such escapes, a surrogate pair. A surrogate
 * without its other half becomes U+FFFD.
 */
static bool read_point(struct reader *reader, uint32_t *point)
{
    struct reader low = *reader;
    uint32_t unit;

    if (!read_unit(reader, point))
        return false;
    if (*point < 0xd800 || *point > 0xdfff)
        return true;
    low.at = reader->at;
    if (*point < 0xdc00 && json_take(&low, '\\') && json_take(&low, 'u') && read_unit(&low, &unit) && unit >= 0xdc00 &&
        unit <= 0xdfff) {
        *point = 0x10000 + ((*point - 0xd800) << 10) + (unit - 0xdc00);
        reader->at = low.at;
        return true;
    }
    *point = 0xfffd;
    return true;
}

/* Reads a byte of a string, or an escape, which may become up to four bytes. How many; 0 where it is malformed. */
static size_t read_char(struct reader *reader, char bytes[4])
{
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    uint32_t point;

    if (reader->at == reader->end || (unsigned char)*reader->at < ' ')
        return 0;
    bytes[0] = *reader->at++;
    if (bytes[0] != '\\')
        return 1;
    if (reader->at == reader->end)
        return 0;
    char escape = *reader->at++;
    if (escape == 'u')
        return read_point(reader, &point) ? put_utf8(point, bytes) : 0;
    const char *known = escape ? strchr(escapes, escape) : NULL;
    if (!known)
        return 0;
    bytes[0] = meanings[known - escapes];
    return 1;
}

/* Reads a string. *EQUAL says whether its content is WORD. With KEY, WORD is a key of a path and may have `\` in it. */
static bool read_string(struct reader *reader, struct span word, bool key, bool *equal)
{
    char bytes[4];
    size_t at = 0;

    *equal = word.at != NULL;
    if (!json_take(reader, '"'))
        return false;
    while (!json_take(reader, '"')) {
        size_t n = read_char(reader, bytes);
        if (n == 0)
            return false;
        for (size_t i = 0; i < n && *equal; i++)
            *equal = at < word.length && (key ? key_byte(word, &at) : word.at[at++]) == bytes[i];
    }
    *equal = *equal && at == word.length;
    return true;
}

/* Reads true, false or null. *EQUAL says whether it is the value that is compared. */
static bool read_word(struct reader *reader, bool *equal)
{
    static const char *const words[] = { "true", "false", "null" };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (span_begins((struct span){ reader->at, (size_t)(reader->end - reader->at) }, words[i])) {
            reader->at += strlen(words[i]);
            *equal = span_equal(reader->value, span_of(words[i]));
            return true;
        }
    }
    return false;
}

/* Reads a number. *EQUAL says whether the value that is compared is the same number, however it is written. */
static bool read_number(struct reader *reader, bool *equal)
{
    size_t length = number_length(reader->at, reader->end), wanted = reader->value.length;

    if (length == 0)
        return false;
    *equal = wanted > 0 && number_length(reader->value.at, reader->value.at + wanted) == wanted &&
             numbers_equal(take_number(reader->at, length), take_number(reader->value.at, wanted));
    reader->at += length;
    return true;
}

/* Reads a value that is neither object nor array, and compares it with one of the wanted values. */
static bool compare_scalar(struct reader *reader, bool *equal)
{
    char c = *reader->at;

    if (c == '"')
        return read_string(reader, reader->value, false, equal);
    return c == '-' || is_digit(c) ? read_number(reader, equal) : read_word(reader, equal);
}

/* Reads such a value. With WANTED it is the one at the path, and is compared with each wanted value in turn. */
static bool read_scalar(struct reader *reader, bool wanted)
{
    const char *start = reader->at;
    struct span rest = reader->wanted;
    bool equal = false, good, more;

    do {
        reader->at = start;
        reader->value = span_take(&rest, '|');
        good = compare_scalar(reader, &equal);
        more = rest.length > 0;
        if (more)
            span_drop(&rest, 1);
    } while (good && wanted && !equal && more);
    if (wanted)
        reader->verdict = equal ? JSON_EQUAL : JSON_DIFFERENT;
    return good;
}

/* Reads the value of an entry. IS_IT: the path leads there. Of several such entries the last one's verdict counts. */
static bool read_entry(struct reader *reader, const struct span *rest, bool is_it)
{
    if (is_it)
        reader->verdict = JSON_MISSING;
    return read_value(reader, is_it ? rest : NULL, false);
}

static bool read_object(struct reader *reader, const struct step *step, const struct span *rest)
{
    const struct span nothing = { NULL, 0 };

    reader->at++;
    skip_space(reader);
    if (json_take(reader, '}'))
        return true;
    do {
        bool is_it;
        skip_space(reader);
        if (!read_string(reader, step && !step->is_index ? step->key : nothing, true, &is_it))
            return false;
        skip_space(reader);
        if (!json_take(reader, ':') || !read_entry(reader, rest, is_it))
            return false;
        skip_space(reader);
    } while (json_take(reader, ','));
    return json_take(reader, '}');
}

static bool read_array(struct reader *reader, const struct step *step, const struct span *rest)
{
    reader->at++;
    skip_space(reader);
    if (json_take(reader, ']'))
        return true;
    uint64_t index = 0;
    do {
        if (!read_entry(reader, rest, step && step->is_index && step->index == index++))
            return false;
        skip_space(reader);
    } while (json_take(reader, ','));
    return json_take(reader, ']');
}

/* Reads a value. PATH leads on from it to the wanted one: empty where it is this one, NULL where that is elsewhere. */
static bool read_value(struct reader *reader, const struct span *path, bool first)
{
    struct step step;
    struct span rest = path ? *path : (struct span){ NULL, 0 };
    bool wanted = path && path->length == 0, leads_on = path && path->length > 0;

    skip_space(reader);
    if (reader->at == reader->end)
        return false;
    char c = *reader->at;
    if (c != '{' && c != '[')
        return read_scalar(reader, wanted);
    if (wanted)
        reader->verdict = JSON_DIFFERENT;
    if (leads_on)
        take_step(&rest, &step, first);
    if (++reader->depth > JSON_DEPTH_MAX)
        return false;
    bool good = c == '{' ? read_object(reader, leads_on ? &step : NULL, &rest)
                         : read_array(reader, leads_on ? &step : NULL, &rest);
    reader->depth--;
    return good;
}

enum json_verdict json_match(const char *document, size_t length, struct span path, const char *value)
{
    struct reader reader = { .at = document, .end = document + length, .verdict = JSON_MISSING };

    reader.wanted = span_of(value);
    if (!read_value(&reader, &path, true))
        return JSON_INVALID;
    skip_space(&reader);
    return reader.at == reader.end ? reader.verdict : JSON_INVALID;
}
