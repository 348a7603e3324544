/*
 * How both programs read numbers and build texts.
 */
#include "lib/text.c"

#include "prove/prove.h"

enum { STRING = 5 };

/* Any string of up to STRING bytes. */
static void any_string(char string[STRING + 1])
{
    string[STRING] = '\0';
}

/*
 * PROVES   A number is read as it is written, or refused, and is not above its limit.
 * FOR      strings of up to 5 bytes, and any limit up to 2^59
 * BREAKS   lib/text.c: if (number > max) return -1; =>
 * BREAKS   lib/text.c: int64_t number = *digits ? 0 : -1; => int64_t number = 0;
 * WITH     --unwind 8
 */
void proof_number(void)
{
    char string[STRING + 1];
    int64_t max;

    any_string(string);
    assume(max >= 0 && max <= INT64_MAX / 16);
    int64_t number = number_parse(string, max);
    prove(number >= -1 && number <= max, "it is within its limits");
    prove(implies(string[0] == '\0', number == -1), "nothing is no number");
    prove(implies(string[0] && !string[1] && is_digit(string[0]) && max >= 9, number == string[0] - '0'),
          "a digit is itself");
}

/*
 * PROVES   A text that is built counts every byte, and keeps those that have room; a C string is made of it within
 *          its buffer.
 * FOR      any buffer of 1 to 5 bytes, any number of bytes before, and pieces of up to 5
 * BREAKS   lib/text.c: text->length < text->size ? text->size - text->length : 0; => text->size;
 * BREAKS   lib/text.c: text->length < text->size ? text->length : text->size - 1] => text->length < text->size ?
 *          text->length : text->size]
 * WITH     --unwind 8
 */
void proof_text(void)
{
    char buffer[STRING], bytes[STRING];
    struct text text = { buffer, nondet_size(), nondet_size() };
    size_t length = nondet_size(), before = text.length, at;

    assume(text.size > 0 && text.size <= STRING && length <= STRING && before <= SIZE_MAX - STRING - 1);
    text_bytes(&text, bytes, length);
    prove(text.length == before + length, "every byte is counted");
    assume(at < length);
    prove(implies(before < STRING && before + at < text.size, buffer[before + at] == bytes[at]),
          "what has room is kept");
    text_char(&text, 'x');
    prove(text_kept(&text) <= text.size, "no more is kept than has room");
    text_end(&text);
}
