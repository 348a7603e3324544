/* The one form of a message: `prog: what: why`, a line on stderr. */
#ifndef PITH_DIAG_H
#define PITH_DIAG_H

#include "pith/text.h"

/* Sets the name in front of each message; NAME is kept, not copied. "pith" until then. */
void diag_name(const char *name);

/* Sets all that stands in front of each message: "PREFIX" in place of "NAME: ". Kept, not copied. */
void diag_prefix(const char *prefix);

/* From here on a line that finds no room at once is dropped: there is no time left to wait. */
void diag_hurry(void);

/*
 * Writes "NAME: PART..." and a newline to stderr in one write(2), so that lines of several processes do not mix. The
 * parts are C strings and end with NULL; control characters and what is no UTF-8 in them become `?`, and what is beyond
 * 4095 bytes is cut off. errno is kept; a stderr that is closed or full is no error. Where a pipe has had no room for a
 * second the line is dropped, and so are those after it, at once, until there is room again.
 */
void diag(const char *part, ...) __attribute__((sentinel));

/* Whether FD takes a line (PIPE_BUF) without blocking: waits for that as diag() does. */
bool diag_has_room(int fd);

/* A part that stands for the text of errno, as %m of syslog(3). */
extern const char DIAG_ERRNO[];

/* Puts the text of errno value ERROR, "Error N" for one without a text here; or such a part of a message. */
void text_errno(struct text *out, int error);
void text_part(struct text *out, const char *part);

#endif
