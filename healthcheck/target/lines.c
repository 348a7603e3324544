/* Splits a text into lines, and a line into words. */
#include "healthcheck/target/lines.h"

#include <string.h>

bool take_line(struct span *text, struct span *line)
{
    if (text->length == 0)
        return false;
    const char *end = memchr(text->at, '\n', text->length);
    *line = (struct span){ text->at, end ? (size_t)(end - text->at) : text->length };
    span_drop(text, line->length + (end != NULL));
    const char *comment = memchr(line->at, '#', line->length);
    if (comment)
        line->length = (size_t)(comment - line->at);
    return true;
}

bool take_word(struct span *line, struct span *word)
{
    while (line->length > 0 && is_space(*line->at))
        span_drop(line, 1);
    *word = (struct span){ line->at, 0 };
    while (word->length < line->length && !is_space(line->at[word->length]))
        word->length++;
    span_drop(line, word->length);
    return word->length > 0;
}
