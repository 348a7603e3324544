/* Builds bounded texts and writes them. */
#include "pith/text.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

void text_char(struct text *text, char c)
{
    if (text->length < text->size)
        text->start[text->length] = c;
    text->length++;
}

void text_bytes(struct text *text, const char *bytes, size_t length)
{
    size_t room = text->length < text->size ? text->size - text->length : 0;
    size_t n = length < room ? length : room;

    if (n > 0)
        memcpy(text->start + text->length, bytes, n);
    text->length += length;
}

void text_string(struct text *text, const char *string)
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

size_t text_until(const char *string, char stop)
{
    size_t length = 0;

    while (string[length] && string[length] != stop)
        length++;
    return length;
}

bool text_begins(const char *string, const char *start, size_t length)
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

void text_number(struct text *text, uint64_t number)
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

/* Not inlined: it has many callers. */
__attribute__((noinline)) size_t text_fits(const struct text *text)
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

char *number_string(char buffer[NUMBER_SIZE], uint64_t number)
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
        if (*digits < '0' || *digits > '9')
            return -1;
        number = number * 10 + (*digits - '0');
        if (number > max)
            return -1;
    }
    return number;
}

bool write_all(int fd, const char *bytes, size_t length)
{
    int tries = INTERRUPTIONS_MAX;

    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR && --tries)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        length -= (size_t)n;
    }
    return true;
}
