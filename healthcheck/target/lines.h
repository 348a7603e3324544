/* Lines and words of configuration files, such as hosts(5). Pure. */
#ifndef HEALTHCHECK_TARGET_LINES_H
#define HEALTHCHECK_TARGET_LINES_H

#include "healthcheck/target/span.h"

#include <stdbool.h>

/*
 * Takes the next line off the front of *TEXT: without its end (LF, or CR LF) and without a comment, which begins with
 * `#`. False when there is no line left.
 */
bool take_line(struct span *text, struct span *line);

/* Takes the next word off the front of *LINE, and the blanks before it. False when nothing but blanks is left. */
bool take_word(struct span *line, struct span *word);

#endif
