/*
 * Messages for people. There is one form of them: `prog: what: why`, one line on stderr.
 *
 * A reader of stderr that hangs must not hold up the program, least of all init. Where a pipe has no room, diag waits
 * for it for a second. When there is still none it drops the line, and it does not wait again until there is room.
 */
#ifndef PITH_DIAG_H
#define PITH_DIAG_H

#include "pith/text.h"

/* Sets the name in front of each message, which is "pith" before. NAME is not copied and has to live on. */
void diag_name(const char *name);

/* Puts PREFIX in front of each message in place of "NAME: ". PREFIX is not copied and has to live on. */
void diag_prefix(const char *prefix);

/* From here on diag does not wait at all: a line for which there is no room at once is dropped. */
void diag_hurry(void);

/*
 * Appends FORMAT with its conversions replaced by values, as printf(3) has it: `%s` is a C string, or the text of errno
 * for DIAG_ERRNO; `%.*s` at most so many bytes of a string; `%d` an int that is not negative. There are no others.
 */
void text_format(struct text *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Writes "NAME: ", what text_format makes of FORMAT, and a newline to stderr. They are one write(2), so that lines of
 * several processes do not mix.
 *
 * Control characters, and bytes that are not UTF-8, become `?`: a bad argument can neither forge a second line nor send
 * commands to a terminal. A line is cut after 4095 bytes.
 *
 * errno is kept. A stderr that is closed, full or broken is no error.
 */
void diagf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Writes LENGTH bytes of a line, PIPE_BUF at most, as diagf does: where FD has no room for them, a pipe, it waits a
 * second at most, and not again until there is some. False with errno; EAGAIN where there was no room.
 */
bool diag_write(int fd, const char *line, size_t length);

/* A part that stands for the text of errno, as %m does for syslog(3). It is known by its address. */
extern const char DIAG_ERRNO[];

/* Appends the text of the errno value ERROR, such as "Permission denied"; `Error 123` where there is no text for it. */
void text_errno(struct text *out, int error);

/* Appends PART of a message: the text of errno for DIAG_ERRNO, and every other string as it is. */
void text_part(struct text *out, const char *part);

#endif
