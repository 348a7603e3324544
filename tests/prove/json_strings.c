/*
 * Strings and numbers of JSON (RFC 8259): what the reader takes for one, held against readers that are written down
 * from the grammar here, state by state, and what it makes of them.
 */
#include "healthcheck/http/json.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { STRING = 8, COMPARED = 5, WORD = 4, ESCAPE = 12, NUMBER = 6, DECIMAL = 4 };

/* The length of the string at TEXT, with its quotes; 0 where there is none. */
static size_t string_length(const char *text, size_t length)
{
    enum { START, INSIDE, ESCAPED, DIGIT, END = DIGIT + 4 } state = START; /* DIGIT + 3: one digit is missing */
    size_t at = 0;

    for (; at < length && state != END; at++) {
        char c = text[at];
        if (state == START && c == '"')
            state = INSIDE;
        else if (state == INSIDE && (c < 0 || c >= ' '))
            state = c == '"' ? END : c == '\\' ? ESCAPED : INSIDE;
        else if (state == ESCAPED && c && strchr("\"\\/bfnrt", c))
            state = INSIDE;
        else if (state == ESCAPED && c == 'u')
            state = DIGIT;
        else if (state >= DIGIT && hex_digit(c) >= 0)
            state = state == DIGIT + 3 ? INSIDE : state + 1;
        else
            return 0;
    }
    return state == END ? at : 0;
}

/*
 * PROVES   A string is accepted where it is one by the grammar of RFC 8259, and nothing else is: no control character
 *          is in it, and an escape is one of the nine.
 * FOR      texts of up to 8 bytes
 * BREAKS   healthcheck/http/json.c: if (reader->at == reader->end || (unsigned char)*reader->at < ' ') => if
 *          (reader->at == reader->end)
 * BREAKS   healthcheck/http/json.c: if (reader->end - reader->at < 4) => if (reader->end - reader->at < 3)
 * BREAKS   healthcheck/http/json.c: escape ? strchr(escapes, escape) : NULL; => strchr(escapes, escape);
 * WITH     --unwind 10 --no-conversion-check
 * SLOW
 */
void proof_string(void)
{
    char room[STRING];
    size_t length = nondet_size();
    struct span nothing = { NULL, 0 };
    bool equal;

    assume(length <= STRING);
    const char *text = room + STRING - length;
    struct reader reader = { .at = text, .end = room + STRING };
    size_t all = string_length(text, length);
    bool good = read_string(&reader, nothing, nondet_bool(), &equal);
    prove(good == (all > 0), "it is accepted where the grammar has it");
    prove(implies(good, reader.at == text + all && !equal), "and all of it is taken");
    prove(reader.at <= reader.end, "and nothing behind it");
}

/*
 * PROVES   A string equals a word where what is between its quotes is the word, byte by byte; a key of a path stands
 *          for itself without the backslashes in front of its bytes.
 * FOR      strings of up to 5 bytes without an escape, and words of up to 4 bytes
 * BREAKS   healthcheck/http/json.c: *equal = at < word.length && => *equal =
 * BREAKS   healthcheck/http/json.c: *equal = *equal && at == word.length; =>
 * BREAKS   healthcheck/http/json.c: if (key.at[*at] == '\\' && *at + 1 < key.length) => if (key.at[*at] == '\\')
 * WITH     --unwind 8 --no-conversion-check
 * SLOW
 */
void proof_compared(void)
{
    char text[COMPARED], room[WORD], plain[WORD];
    size_t length = nondet_size(), wanted = nondet_size(), n = 0;
    bool key = nondet_bool(), equal;

    assume(length <= COMPARED && wanted <= WORD && !memchr(text, '\\', COMPARED));
    struct span word = { room + WORD - wanted, wanted };
    struct reader reader = { .at = text, .end = text + length };
    if (!read_string(&reader, word, key, &equal))
        return;
    for (size_t i = 0; i < wanted; i++) {
        i += key && word.at[i] == '\\' && i + 1 < wanted;
        plain[n++] = word.at[i];
    }
    struct span inside = { text + 1, (size_t)(reader.at - text) - 2 };
    prove(equal == span_equal(inside, (struct span){ plain, n }), "it is the same");
}

/* The number of four hexadecimal digits; -1 where they are none. */
static int32_t unit_at(const char *digits)
{
    int32_t unit = 0;

    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(digits[i]);
        unit = unit < 0 || digit < 0 ? -1 : unit * 16 + digit;
    }
    return unit;
}

/*
 * PROVES   \uXXXX is the code point of that number in UTF-8, two halves of a surrogate pair are the one that they stand
 *          for (RFC 8259, 7), and half of a pair is U+FFFD.
 * FOR      12 bytes that begin with \u
 * BREAKS   healthcheck/http/json.c: 0x10000 + ((*point - 0xd800) << 10) => 0x10000 + ((*point - 0xd800) << 8)
 * BREAKS   healthcheck/http/json.c: *point < 0xdc00 && json_take(&low, '\\') => json_take(&low, '\\')
 * BREAKS   healthcheck/http/json.c: n == 1 ? point : point | (0xf00 >> n & 0xff)) => n == 1 ? point : point | (0x700
 *          >> n & 0xff))
 * WITH     --unwind 10 --no-conversion-check
 */
void proof_escape(void)
{
    char text[ESCAPE], bytes[4];
    struct reader reader = { .at = text, .end = text + ESCAPE };
    size_t shown;

    assume(text[0] == '\\' && text[1] == 'u');
    int32_t unit = unit_at(text + 2), low = unit_at(text + 8), point = unit;
    bool half = unit >= 0xd800 && unit <= 0xdfff,
         pair = half && unit < 0xdc00 && text[6] == '\\' && text[7] == 'u' && low >= 0xdc00 && low <= 0xdfff;
    size_t n = read_char(&reader, bytes);
    prove((n > 0) == (unit >= 0), "it has four digits");
    if (n == 0)
        return;
    if (half)
        point = pair ? 0x10000 + (unit - 0xd800) * 0x400 + low - 0xdc00 : 0xfffd;
    prove(text_utf8(bytes, n, &shown) == point && shown == n, "it is that code point");
    prove(reader.at == text + (pair ? 12 : 6), "and all of it is taken");
}

/*
 * PROVES   A text is taken for a number, all of it, where it is one by the grammar of RFC 8259, and no other is; of no
 *          text is more taken than there is.
 * FOR      texts of up to 6 bytes
 * BREAKS   healthcheck/http/json.c: if (n == 0 || (*at == '0' && n > 1)) => if (n == 0)
 * BREAKS   healthcheck/http/json.c: n = skip_json_digits(++at, end); if (n == 0) return 0; => n =
 *          skip_json_digits(++at, end);
 * BREAKS   healthcheck/http/json.c: while (at < end && is_digit(*at)) => while (is_digit(*at))
 * WITH     --unwind 8
 */
void proof_number(void)
{
    enum { START, MINUS, ZERO, WHOLE, POINT, FRACTION, E, SIGN, EXPONENT, NONE } state = START;
    char room[NUMBER];
    size_t length = nondet_size();

    assume(length >= 1 && length <= NUMBER);
    const char *text = room + NUMBER - length;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool digit = c >= '0' && c <= '9', ends = state == ZERO || state == WHOLE || state == FRACTION;
        if (state == START && c == '-')
            state = MINUS;
        else if (state <= MINUS && digit)
            state = c == '0' ? ZERO : WHOLE;
        else if ((state == WHOLE || state == FRACTION || state == EXPONENT) && digit)
            ;
        else if ((state == ZERO || state == WHOLE) && c == '.')
            state = POINT;
        else if (state == POINT && digit)
            state = FRACTION;
        else if (ends && (c == 'e' || c == 'E'))
            state = E;
        else if (state == E && (c == '+' || c == '-'))
            state = SIGN;
        else if ((state == E || state == SIGN) && digit)
            state = EXPONENT;
        else
            state = NONE;
    }
    bool is_number = state == ZERO || state == WHOLE || state == FRACTION || state == EXPONENT;
    size_t taken = number_length(text, room + NUMBER);
    prove((taken == length) == is_number, "it is one by the grammar");
    prove(taken <= length, "nothing behind it is taken");
}

/* Any number of up to SIZE bytes without an exponent. *VALUE is a thousand times what it stands for. */
static struct number any_decimal(const char *text, size_t size, int *value)
{
    size_t length = nondet_size();
    int places = -1;

    assume(length >= 1 && length <= size && number_length(text, text + length) == length);
    *value = 0;
    for (size_t i = 0; i < length; i++) {
        assume(text[i] != 'e' && text[i] != 'E');
        if (text[i] == '.')
            places = 0;
        else if (text[i] != '-') {
            *value = *value * 10 + text[i] - '0';
            places += places >= 0;
        }
    }
    *value *= (text[0] == '-' ? -1 : 1) * (places <= 0 ? 1000 : places == 1 ? 100 : 10);
    return take_number(text, length);
}

/*
 * PROVES   Two numbers without an exponent are equal where they stand for the same, however they are written, and else
 *          not.
 * FOR      numbers of up to 4 and of up to 3 bytes
 * BREAKS   healthcheck/http/json.c: number.exponent -= *at == '0'; => ;
 * BREAKS   healthcheck/http/json.c: while (mantissa_end > at && (mantissa_end[-1] == '0' || => while (mantissa_end > at
 *          && (
 * BREAKS   healthcheck/http/json.c: if (a.negative != b.negative || => if (
 * WITH     --unwind 8
 * SLOW
 */
void proof_equal(void)
{
    char text[DECIMAL], other_text[DECIMAL];
    int value, other_value;
    struct number one = any_decimal(text, 4, &value), other = any_decimal(other_text, 3, &other_value);

    prove(numbers_equal(one, other) == (value == other_value), "they are equal where they are the same number");
}

/*
 * PROVES   An exponent moves the point of the number that stands in front of it, and changes nothing else of it.
 * FOR      numbers of up to 3 bytes, and exponents of a digit with or without a sign
 * BREAKS   healthcheck/http/json.c: return negative ? -value : value; => return value;
 * BREAKS   healthcheck/http/json.c: (*at == '-' || *at == '+'); at < end; => *at == '-'; at < end;
 * BREAKS   healthcheck/http/json.c: (*mantissa_end | 32) != 'e' => *mantissa_end != 'e'
 * WITH     --unwind 8
 * SLOW
 */
void proof_exponent(void)
{
    char text[NUMBER];
    size_t length = nondet_size(), at = nondet_size();

    assume(at >= 1 && length <= NUMBER && at + 2 <= length && length <= at + 3 && at <= 3);
    assume((text[at] == 'e' || text[at] == 'E') && number_length(text, text + length) == length);
    assume(is_digit(text[at + 1]) == (length == at + 2));
    int exponent = text[length - 1] - '0';
    struct number number = take_number(text, length), plain = take_number(text, at);
    prove(number.exponent == plain.exponent + (text[at + 1] == '-' ? -exponent : exponent), "it moves the point");
    prove(number.negative == plain.negative, "the sign stays");
    prove(number.digits.at == plain.digits.at && number.digits.length == plain.digits.length, "so do the digits");
}

/*
 * PROVES   An exponent is read as it is, and of one that is very long about a billion is left: no sum overflows by it.
 * FOR      exponents of 12 bytes
 * BREAKS   healthcheck/http/json.c: if (value < 1000000000) => if (value < 100000000000)
 * WITH     --unwind 14
 */
void proof_long_exponent(void)
{
    char text[ESCAPE];

    for (size_t i = 0; i < sizeof text; i++)
        assume(is_digit(text[i]) || (i == 0 && (text[i] == '-' || text[i] == '+')));
    int64_t exponent = read_exponent(text, text + sizeof text);
    prove(exponent > -10000000000 && exponent < 10000000000, "it stays small");
    prove(implies(text[0] != '-', exponent >= 0), "its sign is its own");
}
