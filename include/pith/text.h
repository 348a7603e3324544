/*
 * Texts in memory, without stdio and without a heap: building a bounded text from pieces, and searching C strings.
 *
 * All of it is pure. A byte of a string is ASCII or passed over, whatever the locale is.
 */
#ifndef PITH_TEXT_H
#define PITH_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A string literal and its length, as two arguments or two members: `text_begins(string, LITERAL("abc"))`. The compiler
 * counts the bytes, without the NUL at the end. Anything but a literal does not compile.
 */
#define LITERAL(string) "" string, sizeof(string) - 1

/*
 * A text that is being built in a buffer, which the caller owns.
 *
 * `length` counts every byte that was put, also those that had no room, as snprintf(3) does. So a first pass with a
 * size of 0 measures, and length > size says that the text was cut. The text does not end with a NUL: text_end puts one
 * where a C string is wanted. None of these functions fails.
 */
struct text {
    char *start;
    size_t size;
    size_t length;
};

/* Append one byte, LENGTH bytes, a C string, several C strings up to NULL, a number in decimal. */
void text_char(struct text *text, char c);
void text_bytes(struct text *text, const char *bytes, size_t length);
void text_string(struct text *text, const char *string);
void text_strings(struct text *text, ...) __attribute__((sentinel));
void text_number(struct text *text, uint64_t number);

/* Appends a string literal, or an array that one initialises: the compiler knows the length. */
#define text_literal(text, literal) text_bytes(text, literal, sizeof(literal) - 1)

/* Appends spaces until COLUMN bytes stand behind byte FROM of the text; one space where they do already. */
void text_pad(struct text *text, size_t from, size_t column);

/* How many bytes are in the buffer: the smaller of length and size. */
size_t text_kept(const struct text *text);

/* Ends the text with a NUL and returns `start`. Where the text was cut, the NUL takes the place of its last byte. */
char *text_end(struct text *text);

/* Copies the first LENGTH bytes of STRING, or as many as have room, to BUFFER as a C string. Returns BUFFER. */
char *text_copy(char *buffer, size_t size, const char *string, size_t length);

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* The capital of a letter; every other byte is itself. */
char text_upper(char c);

/*
 * The code point of the UTF-8 character (RFC 3629) with which the LEFT bytes at AT, one at least, begin. *LENGTH is how
 * many bytes it has. -1 where there is none; *LENGTH stays what it was then.
 */
int32_t text_utf8(const char *at, size_t left, size_t *length);

/*
 * How many of the LEFT bytes at AT, one at least, are one UTF-8 character (RFC 3629) that may be shown on a terminal.
 * 0 where they are not UTF-8, and for characters that are not seen as themselves: control characters (C0 and C1),
 * spaces other than ' ', characters that change the direction of text or join what is beside them, and code points that
 * are private, unassigned or no character.
 */
size_t text_visible(const char *at, size_t left);

/* How many bytes of STRING stand before its first STOP; all of them where it has none. */
size_t text_until(const char *string, char stop);

/*
 * Takes a piece off the front of *REST, up to STOP or to the end, and writes a NUL over that STOP. Returns the piece, a
 * C string; *REST then points behind it. At the end of *REST the piece is empty.
 */
char *text_cut(char **rest, char stop);

/* An element of a list, LENGTH bytes at AT, which no NUL ends. */
struct element {
    const char *at;
    size_t length;
};

/*
 * The first element of LIST, without the blanks and control characters around it; where SEPARATOR is '\n', spaces at
 * its end stay. A list without a separator, '\0', is one element as it stands.
 */
struct element text_element(const char *list, char separator);

/* What follows ELEMENT in its list; NULL behind the last one. */
const char *text_behind(struct element element, char separator);

/* Whether STRING begins with the LENGTH bytes at START, none of which is a NUL. */
bool text_begins(const char *string, const char *start, size_t length);

/* What follows WORD in STRING; NULL where STRING does not begin with WORD. The case of letters does not matter. */
const char *text_after(const char *string, const char *word);

/* Whether STRING is WORD. The case of letters does not matter. */
bool text_is(const char *string, const char *word);

/* Writes NUMBER in decimal, as a C string, to the end of BUFFER. Returns where in BUFFER it begins. */
#define NUMBER_SIZE 21
char *number_string(char buffer[NUMBER_SIZE], uint64_t number);

/*
 * The number that DIGITS are. -1 where they are not a decimal number of digits alone, or are above MAX, which must not
 * be above INT64_MAX / 16.
 */
int64_t number_parse(const char *digits, int64_t max);

#endif
