/* Reads DER, element by element. */
#include "healthcheck/tls/der.h"

#include <limits.h>
#include <string.h>

enum { LENGTH_BYTES_MAX = 3, LONG_TAG = 0x1f };

int der_take_head(struct der *rest, size_t *length)
{
    size_t head = 2;

    if (rest->length < head || (rest->at[0] & LONG_TAG) == LONG_TAG)
        return DER_NONE;
    int tag = rest->at[0];
    *length = rest->at[1];
    if (*length >= 0x80) {
        size_t more = *length - 0x80;
        if (more == 0 || more > LENGTH_BYTES_MAX || rest->length < head + more || rest->at[head] == 0)
            return DER_NONE;
        for (*length = 0; more > 0; more--)
            *length = *length << 8 | rest->at[head++];
        if (*length < 0x80)
            return DER_NONE;
    }
    der_drop(rest, head);
    return tag;
}

int der_take_any(struct der *rest, struct der *contents)
{
    size_t length;
    int tag = der_take_head(rest, &length);

    *contents = (struct der){ NULL, 0 };
    if (tag < 0 || length > rest->length)
        return DER_NONE;
    *contents = (struct der){ rest->at, length };
    der_drop(rest, length);
    return tag;
}

bool der_take(struct der *rest, int tag, struct der *contents)
{
    return der_take_any(rest, contents) == tag;
}

bool der_take_whole(struct der *rest, int tag, struct der *element)
{
    struct der contents;

    element->at = rest->at;
    if (!der_take(rest, tag, &contents))
        return false;
    element->length = (size_t)(rest->at - element->at);
    return true;
}

bool der_take_optional(struct der *rest, int tag, struct der *contents)
{
    *contents = (struct der){ NULL, 0 };
    return der_tag(*rest) != tag || der_take(rest, tag, contents);
}

bool der_is_integer(struct der contents)
{
    if (contents.length < 2)
        return contents.length > 0;
    /* A first byte that only repeats the sign is one too many. */
    return (contents.at[0] != 0 && contents.at[0] != 0xff) || (contents.at[0] & 0x80) != (contents.at[1] & 0x80);
}

bool der_take_integer(struct der *rest, struct der *bytes)
{
    return der_take(rest, DER_INTEGER, bytes) && der_is_integer(*bytes);
}

bool der_take_number(struct der *rest, int *number)
{
    struct der bytes;

    if (!der_take_integer(rest, &bytes) || bytes.at[0] & 0x80)
        return false;
    *number = bytes.length > 4 ? INT_MAX : 0;
    for (size_t i = 0; i < bytes.length && bytes.length <= 4; i++)
        *number = *number << 8 | bytes.at[i];
    return true;
}

bool der_take_boolean(struct der *rest, bool *value)
{
    struct der byte;

    if (!der_take_optional(rest, DER_BOOLEAN, &byte))
        return false;
    *value = byte.at && byte.length == 1 && byte.at[0] == 0xff;
    return !byte.at || *value || (byte.length == 1 && byte.at[0] == 0);
}

bool der_is_oid(struct der contents)
{
    uint8_t last = 0;

    /* Numbers of seven bits a byte; the last byte of each has no 80, and a first one of 80 alone is one too many. */
    for (size_t i = 0; i < contents.length; i++) {
        if (!(last & 0x80) && contents.at[i] == 0x80)
            return false;
        last = contents.at[i];
    }
    return contents.length > 0 && !(last & 0x80);
}

bool der_take_oid(struct der *rest, struct der *oid)
{
    return der_take(rest, DER_OID, oid) && der_is_oid(*oid);
}

bool der_are_bits(struct der contents)
{
    return contents.length > 0 && contents.at[0] <= (contents.length > 1 ? 7 : 0);
}

/* Whether an element of TAG may have CONTENTS. */
static bool may_have(int tag, struct der contents)
{
    switch (tag) {
    case DER_BOOLEAN:
        return contents.length == 1;
    case DER_INTEGER:
    case DER_ENUMERATED:
        return der_is_integer(contents);
    case DER_BIT_STRING:
        return der_are_bits(contents);
    case DER_NULL:
        return contents.length == 0;
    case DER_OID:
        return der_is_oid(contents);
    case DER_BMP_STRING:
        return contents.length % 2 == 0;
    case DER_UNIVERSAL_STRING:
        return contents.length % 4 == 0;
    case DER_SEQUENCE:
    case DER_SET:
        return true;
    default: /* a SEQUENCE or SET has elements, and nothing else of ASN.1's own has */
        return (tag & DER_CLASS) != 0 || (!(tag & DER_CONSTRUCTED) && (tag | DER_CONSTRUCTED) != DER_SEQUENCE &&
                                          (tag | DER_CONSTRUCTED) != DER_SET);
    }
}

bool der_take_value(struct der *rest, struct der *contents)
{
    int tag = der_take_any(rest, contents);

    return tag >= 0 && may_have(tag, *contents);
}

bool der_take_bits(struct der *rest, struct der *bits, unsigned *unused)
{
    if (!der_take(rest, DER_BIT_STRING, bits) || !der_are_bits(*bits))
        return false;
    *unused = bits->at[0];
    der_drop(bits, 1);
    return true;
}

bool der_take_bytes(struct der *rest, struct der *bytes)
{
    unsigned unused;

    return der_take_bits(rest, bytes, &unused) && unused == 0;
}

/* Takes a number of COUNT digits; -1 where one of them is none. */
static int take_digits(struct der *rest, size_t count)
{
    int number = 0;

    for (size_t i = 0; i < count; i++) {
        if (!is_digit((char)rest->at[i]))
            return -1;
        number = number * 10 + (rest->at[i] - '0');
    }
    der_drop(rest, count);
    return number;
}

/* Days from 1970-01-01 to a date. A year begins in March here, so that a leap day is its last one. */
static int64_t days_of(int year, int month, int day)
{
    int years = month > 2 ? year : year - 1, months = month > 2 ? month - 3 : month + 9;

    return (int64_t)years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 + day - 719469;
}

static int days_in(int year, int month)
{
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 ? 28 + leap : 30 + (month + month / 8) % 2;
}

bool der_take_time(struct der *rest, struct der *digits, int64_t *seconds)
{
    int tag = der_take_any(rest, digits);
    size_t century = tag == DER_GENERALIZED_TIME ? 2 : 0;
    int fields[7] = { 0 }; /* century, year, month, day, hour, minute, second */

    if ((tag != DER_UTC_TIME && tag != DER_GENERALIZED_TIME) || digits->length != century + 13 ||
        digits->at[century + 12] != 'Z')
        return false;
    struct der text = *digits;
    for (size_t i = century == 0; i < 7; i++)
        if ((fields[i] = take_digits(&text, 2)) < 0)
            return false;
    if (tag == DER_UTC_TIME)
        fields[0] = fields[1] < 50 ? 20 : 19;
    int year = fields[0] * 100 + fields[1], month = fields[2], day = fields[3];
    if (month < 1 || month > 12 || day < 1 || day > days_in(year, month) || fields[4] > 23 || fields[5] > 59 ||
        fields[6] > 59)
        return false;
    *seconds = ((days_of(year, month, day) * 24 + fields[4]) * 60 + fields[5]) * 60 + fields[6];
    return true;
}

void der_put_date(struct der digits, struct text *out)
{
    const char *at = (const char *)digits.at;
    size_t year = digits.length - 13 + 2; /* digits of the year: 2 in UTCTime, which has 13 characters, else 4 */

    if (year == 2)
        text_string(out, *at < '5' ? "20" : "19");
    text_bytes(out, at, year);
    for (size_t i = year; i < year + 4; i += 2) {
        text_char(out, '-');
        text_bytes(out, at + i, 2);
    }
}

bool der_equal(struct der a, struct der b)
{
    return span_equal(der_span(a), der_span(b));
}

/* The first two numbers are encoded as one, 40 times the first plus the second (8.19.4). */
static void put_first_arcs(uint64_t number, struct text *out)
{
    uint64_t first = number < 80 ? number / 40 : 2;

    text_number(out, first);
    text_char(out, '.');
    text_number(out, number - first * 40);
}

void der_put_oid(struct der oid, struct text *out)
{
    uint64_t number = 0;
    bool first = true;

    for (size_t i = 0; i < oid.length; i++) {
        number = number << 7 | (oid.at[i] & 0x7f);
        if (oid.at[i] & 0x80)
            continue;
        if (first) {
            put_first_arcs(number, out);
        } else {
            text_char(out, '.');
            text_number(out, number);
        }
        first = false;
        number = 0;
    }
}
