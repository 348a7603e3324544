/* Splits a command line into words, without a shell. */
#ifndef INIT_STEPS_WORDS_H
#define INIT_STEPS_WORDS_H

#include "pith/text.h"

/*
 * Splits the LENGTH bytes at STRING into words at blanks, as systemd.service(5) does under "Command lines": quotes, '
 * or ", hold a word together and are removed, also in the middle of it; a backslash takes the meaning from a blank, a
 * quote or a backslash, and begins the escapes of C (\n, \x41, \101) and \s, a space. Before anything else it is
 * itself. Nothing else has a meaning.
 *
 * Appends each word to OUT, with a '\0' behind it. Returns how many there are, or -1 with *WHY, which follows the
 * quoted string in a message. *WHY is also set where a shell would obey a part of a word that is not in quotes:
 * an operator at its start or end, a redirection, a substitution or a comment; else it is NULL. Pure.
 */
int words_split(const char *string, size_t length, struct text *out, const char **why);

#endif
