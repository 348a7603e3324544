/* Builds bounded texts, and searches strings. */
#include "pith/text.h"

#include "pith/layout.h"

#include <stdarg.h>
#include <string.h>

HOT void text_char(struct text *text, char c)
{
    if (text->length < text->size)
        text->start[text->length] = c;
    text->length++;
}

HOT void text_bytes(struct text *text, const char *bytes, size_t length)
{
    size_t room = text->length < text->size ? text->size - text->length : 0;
    size_t n = length < room ? length : room;

    if (n > 0)
        memcpy(text->start + text->length, bytes, n);
    text->length += length;
}

HOT void text_string(struct text *text, const char *string)
{
    text_bytes(text, string, strlen(string));
}

void text_strings(struct text *text, ...)
{
    va_list strings;

    va_start(strings, text);
    for (const char *string; (string = va_arg(strings, const char *));)
        text_string(text, string);
    va_end(strings);
}

COLD int32_t text_utf8(const char *at, size_t left, size_t *length)
{
    unsigned char first = (unsigned char)at[0];
    size_t n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    int32_t point = first < 0x80 ? first : first & 0x7f >> n, least = n == 1 ? 0 : n == 2 ? 0x80 : 1 << (5 * n - 4);

    if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || n > left)
        return -1;
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)at[i] & 0xc0) != 0x80)
            return -1;
        point = point << 6 | (at[i] & 0x3f);
    }
    if (point < least || (point >= 0xd800 && point < 0xe000) || point > 0x10ffff)
        return -1; /* overlong, a surrogate, or beyond Unicode */
    *length = n;
    return point;
}

/*
 * The code points that are not seen as themselves. By Unicode's categories these are Cc (control), Zs, Zl and Zp
 * (spaces and separators), Co (private use), and of Cf (formats) those without a shape. To them come all that have the
 * property Default_Ignorable_Code_Point, the empty pattern of Braille, and what is no character.
 */
static const struct {
    int32_t first, last;
} unseen[] = {
    { 0x00, 0x1f },       { 0x7f, 0xa0 },       { 0xad, 0xad },        { 0x34f, 0x34f },     { 0x61c, 0x61c },
    { 0x115f, 0x1160 },   { 0x1680, 0x1680 },   { 0x17b4, 0x17b5 },    { 0x180b, 0x180f },   { 0x2000, 0x200f },
    { 0x2028, 0x202f },   { 0x205f, 0x206f },   { 0x2800, 0x2800 },    { 0x3000, 0x3000 },   { 0x3164, 0x3164 },
    { 0xe000, 0xf8ff },   { 0xfdd0, 0xfdef },   { 0xfe00, 0xfe0f },    { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },
    { 0xfff0, 0xfffb },   { 0xfffe, 0xffff },   { 0x1bca0, 0x1bca3 },  { 0x1d173, 0x1d17a }, { 0x1fffe, 0x1ffff },
    { 0x2fffe, 0x2ffff }, { 0x3fffe, 0x3ffff }, { 0x40000, 0x10ffff }, /* from here on private, tags, or unassigned */
};

COLD size_t text_visible(const char *at, size_t left)
{
    size_t length = 0;
    int32_t point = text_utf8(at, left, &length);

    for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++)
        if (point >= unseen[i].first && point <= unseen[i].last)
            return 0;
    return point < 0 ? 0 : length;
}

HOT size_t text_until(const char *string, char stop)
{
    size_t length = 0;

    while (string[length] && string[length] != stop)
        length++;
    return length;
}

char *text_cut(char **rest, char stop)
{
    char *piece = *rest;

    *rest += text_until(piece, stop);
    if (**rest)
        *(*rest)++ = '\0';
    return piece;
}

struct element text_element(const char *list, char separator)
{
    const char *end = list + text_until(list, separator);

    if (!separator)
        return (struct element){ list, (size_t)(end - list) };
    while (list < end && (unsigned char)*list <= ' ')
        list++;
    while (list < end && (unsigned char)end[-1] <= (separator == '\n' ? '\r' : ' '))
        end--;
    return (struct element){ list, (size_t)(end - list) };
}

COLD const char *text_behind(struct element element, char separator)
{
    const char *end = element.at + element.length;

    end += text_until(end, separator);
    return *end ? end + 1 : NULL;
}

HOT bool text_begins(const char *string, const char *start, size_t length)
{
    for (; length > 0 && *string == *start; length--)
        string++, start++;
    return length == 0;
}

char text_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

const char *text_after(const char *string, const char *word)
{
    for (; *word; string++, word++)
        if (text_upper(*string) != text_upper(*word))
            return NULL;
    return string;
}

bool text_is(const char *string, const char *word)
{
    const char *rest = text_after(string, word);

    return rest && *rest == '\0';
}

HOT void text_number(struct text *text, uint64_t number)
{
    char digits[NUMBER_SIZE];
    text_string(text, number_string(digits, number));
}

void text_pad(struct text *text, size_t from, size_t column)
{
    do
        text_char(text, ' ');
    while (text->length - from < column);
}

/* Not inlined, as it has many callers. */
HOT __attribute__((noinline)) size_t text_kept(const struct text *text)
{
    return text->length < text->size ? text->length : text->size;
}

char *text_end(struct text *text)
{
    text->start[text->length < text->size ? text->length : text->size - 1] = '\0';
    return text->start;
}

char *text_copy(char *buffer, size_t size, const char *string, size_t length)
{
    struct text copy = { buffer, size, 0 };

    text_bytes(&copy, string, length);
    return text_end(&copy);
}

HOT char *number_string(char buffer[NUMBER_SIZE], uint64_t number)
{
    char *at = &buffer[NUMBER_SIZE - 1];

    *at = '\0';
    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    return at;
}

int64_t number_parse(const char *digits, int64_t max)
{
    int64_t number = *digits ? 0 : -1;

    for (; *digits; digits++) {
        if (!is_digit(*digits))
            return -1;
        number = number * 10 + (*digits - '0');
        if (number > max)
            return -1;
    }
    return number;
}
