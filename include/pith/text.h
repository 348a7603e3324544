/* A bounded text that is built from pieces, without stdio and without a heap. */
#ifndef PITH_TEXT_H
#define PITH_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * `length` counts every byte that was put, as snprintf(3) does, also those that had no room: with
 * a size of 0 a first pass measures, and length > size says that the text was cut. Not terminated;
 * put a '\0' where a C string is wanted. The caller owns `start`.
 */
struct text {
    char *start;
    size_t size;
    size_t length;
};

void text_char(struct text *text, char c);
void text_bytes(struct text *text, const char *bytes, size_t length);
void text_string(struct text *text, const char *string);
void text_number(struct text *text, uint64_t number);

/* The same for a string literal, whose length the compiler knows. */
#define text_literal(text, literal) text_bytes(text, literal, sizeof(literal) - 1)

/*
 * How many of the LEFT bytes at AT are one UTF-8 character that may be shown. 0 where they are no UTF-8, and for what
 * has no shape of its own: control characters, C1 among them, spaces other than ' ', marks that change the direction of
 * text or join what stands around them, and code points for private use or for none.
 */
size_t text_visible(const char *at, size_t left);

/* How many bytes of STRING stand before the first STOP, or before its end. */
size_t text_until(const char *string, char stop);

/* Cuts *REST at its first STOP, or its end, and moves it behind that: where it began, a C string. */
char *text_cut(char **rest, char stop);

/* Whether STRING begins with the LENGTH bytes at START, none of which is '\0'. */
bool text_begins(const char *string, const char *start, size_t length);

/* The capital of an ASCII letter; every other byte is itself. */
char text_upper(char c);

/* What follows WORD in STRING, the case of its letters put aside; NULL where STRING does not begin so. */
const char *text_after(const char *string, const char *word);

/* Whether STRING is WORD, the case of letters put aside. */
bool text_is(const char *string, const char *word);

/* Several C strings, ended by NULL. */
void text_strings(struct text *text, ...) __attribute__((sentinel));

/* Spaces up to COLUMN, counted from byte FROM of the text; one space where it is there already. */
void text_pad(struct text *text, size_t from, size_t column);

/* Bytes that are really there: the smaller of length and size. */
size_t text_kept(const struct text *text);

/* Ends it with a '\0', for which its last byte makes room where it was cut: the C string that starts at `start`. */
char *text_end(struct text *text);

/* The first LENGTH bytes of STRING, as many as have room, as a C string in BUFFER, which is returned. */
char *text_copy(char *buffer, size_t size, const char *string, size_t length);

/* The decimal digits of NUMBER as a C string: where in BUFFER they begin. */
#define NUMBER_SIZE 21
char *number_string(char buffer[NUMBER_SIZE], uint64_t number);

/* The number that DIGITS are, and nothing but digits, or -1: for any other string, above MAX (10^17 at the most). */
int64_t number_parse(const char *digits, int64_t max);

/* A call that is interrupted (EINTR) so often in a row never will succeed: a filter makes it fail, no signal. */
enum { INTERRUPTIONS_MAX = 1 << 20 };

/* write(2) until all is written; false with errno where it is not. EINTR is no error until INTERRUPTIONS_MAX. */
bool write_all(int fd, const char *bytes, size_t length);

#endif
