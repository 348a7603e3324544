/* Finds certificates in PEM text. */
#include "healthcheck/tls/pem.h"

#include <string.h>

static const char begin_line[] = "-----BEGIN CERTIFICATE-----";
static const char end_line[] = "-----END CERTIFICATE-----";

/* Whether a line begins at AT, which is in TEXT. One begins where TEXT does, or behind a byte order mark there. */
static bool begins_line(struct span text, const char *at)
{
    size_t before = (size_t)(at - text.at);

    return before == 0 || at[-1] == '\n' || (before == 3 && memcmp(text.at, "\xef\xbb\xbf", before) == 0);
}

/* Whether a line that begins at AT, which is in TEXT, is WORD, and blanks at most behind it. */
static bool is_line(struct span text, const char *at, const char *word, size_t length)
{
    const char *end = text.at + text.length;

    if (!begins_line(text, at) || (size_t)(end - at) < length || memcmp(at, word, length) != 0)
        return false;
    for (at += length; at < end && *at != '\n'; at++)
        if (!is_space(*at))
            return false;
    return true;
}

bool pem_next(struct span *rest, struct span *base64)
{
    const struct span text = *rest;
    const char *end = text.at + text.length, *begin = NULL;

    for (const char *at = text.at; (at = memchr(at, '-', (size_t)(end - at))); at++)
        if (is_line(text, at, begin_line, sizeof begin_line - 1)) {
            begin = at;
        } else if (begin && is_line(text, at, end_line, sizeof end_line - 1)) {
            base64->at = begin + sizeof begin_line - 1;
            base64->length = (size_t)(at - base64->at);
            span_drop(rest, (size_t)(at - text.at) + sizeof end_line - 1);
            return true;
        }
    if (!begin) {
        const char *newline = memrchr(text.at, '\n', text.length);
        begin = newline ? newline + 1 : text.at;
    }
    span_drop(rest, (size_t)(begin - text.at));
    return false;
}

enum { OTHER = 64, FIRST_DIGIT = '+', LAST_DIGIT = 'z' };

/* The value of a base64 digit, or OTHER. By a table: the beginning of every certificate of a bundle is decoded. */
static unsigned digit_value(unsigned char c)
{
    static const uint8_t values[LAST_DIGIT - FIRST_DIGIT + 1] = {
        62, 64, 64, 64, 63,                                                 /* + , - . / */
        52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64, 64, /* 0-9 : ; < = > ? @ */
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
        17, 18, 19, 20, 21, 22, 23, 24, 25, /* A-Z */
        64, 64, 64, 64, 64, 64,             /* [ \ ] ^ _ ` */
        26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42,
        43, 44, 45, 46, 47, 48, 49, 50, 51, /* a-z */
    };

    return c >= FIRST_DIGIT && c <= LAST_DIGIT ? values[c - FIRST_DIGIT] : OTHER;
}

size_t pem_decode(struct span base64, uint8_t *bytes, size_t size)
{
    size_t length = 0, i = 0;
    uint32_t bits = 0;
    unsigned count = 0, padding = 0;

    for (; i < base64.length && length < size; i++) {
        unsigned value = digit_value((unsigned char)base64.at[i]);
        if (value == OTHER && is_space(base64.at[i]))
            continue;
        if (value == OTHER)
            break;
        bits = bits << 6 | value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes[length++] = (uint8_t)(bits >> count);
        }
    }
    if (length == size)
        return length;
    for (; i < base64.length; i++)
        if (base64.at[i] == '=')
            padding++;
        else if (!is_space(base64.at[i]))
            return 0;
    return padding * 2 == count && padding <= 2 ? length : 0; /* one for each two bits that are left over */
}

/* Moves *REST to the contents of the SEQUENCE that it begins with, of which the end may be cut off. */
static bool enter(struct der *rest)
{
    size_t length;

    return der_take_head(rest, &length) == DER_SEQUENCE;
}

bool pem_subject(struct der certificate, struct der *subject)
{
    struct der rest = certificate, skipped;

    if (!enter(&rest) || !enter(&rest) || !der_take_optional(&rest, DER_CONTEXT_CONSTRUCTED + 0, &skipped))
        return false;
    for (int i = 0; i < 4; i++) /* serial number, signature, issuer, validity */
        if (der_take_any(&rest, &skipped) == DER_NONE)
            return false;
    return der_take_whole(&rest, DER_SEQUENCE, subject);
}

/* Gives bytes one value that may differ in names which are the same. */
static uint8_t fold(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return (uint8_t)(byte - 'A' + 'a');
    return byte == DER_PRINTABLE_STRING ? DER_UTF8_STRING : byte;
}

bool pem_names_alike(struct der a, struct der b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        if (fold(a.at[i]) != fold(b.at[i]))
            return false;
    return true;
}
