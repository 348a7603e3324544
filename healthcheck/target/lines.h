/* Lines and words of a text in memory. Pure. */
#ifndef HEALTHCHECK_TARGET_LINES_H
#define HEALTHCHECK_TARGET_LINES_H

#include "healthcheck/target/span.h"

#include <stdbool.h>

/* Takes the next line of *TEXT, without its end (LF or CR LF) and without a `#` comment. False when there is none left.
 */
bool take_line(struct span *text, struct span *line);

/* Takes the next word of *LINE. False when only blanks are left. */
bool take_word(struct span *line, struct span *word);

#endif
