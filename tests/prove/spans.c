/*
 * Pieces of texts, lines and words, as every parser of healthcheck takes them.
 */
#include "healthcheck/target/lines.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { SIZE = 5 };

static struct span any_text(const char *room)
{
    struct span text = { NULL, nondet_size() };

    assume(text.length <= SIZE);
    text.at = room + SIZE - text.length;
    return text;
}

/*
 * PROVES   What is taken off a text and what is left of it are all of it: a piece up to its stop, a line up to its
 *          end or its comment, a word between its blanks. Of a text that is not empty a line is something: so every
 *          walk ends.
 * FOR      texts of up to 5 bytes
 * BREAKS   healthcheck/target/span.c: while (at < end && *at != stop) => while (*at != stop)
 * BREAKS   healthcheck/target/lines.c: span_drop(text, line->length + (end != NULL)); => span_drop(text,
 *          line->length + 1);
 * BREAKS   healthcheck/target/lines.c: while (word->length < line->length && !is_space(line->at[word->length])) =>
 *          while (word->length < line->length && !is_blank(line->at[word->length]))
 * WITH     --unwind 7
 * SLOW
 */
void proof_taken(void)
{
    char room[SIZE], stop;
    struct span all = any_text(room), rest = all, piece = span_take(&rest, stop), line, word;
    size_t at;

    prove(piece.at == all.at && piece.length + rest.length == all.length, "the piece and the rest are all");
    prove(rest.length == 0 || (rest.at == all.at + piece.length && *rest.at == stop), "the rest begins with the stop");
    assume(at < SIZE);
    prove(implies(at < piece.length, piece.at[at] != stop), "which is the first");
    rest = all;
    if (!take_line(&rest, &line)) {
        prove(all.length == 0, "a text has a line");
        return;
    }
    prove(rest.length < all.length && rest.at + rest.length == room + SIZE, "a line is something");
    prove(line.at == all.at && line.length <= all.length - rest.length, "it is within");
    prove(implies(at < line.length, line.at[at] != '\n' && line.at[at] != '#'), "it has no end and no comment in it");
    rest = line;
    if (!take_word(&rest, &word))
        return;
    prove(word.at >= line.at && word.at + word.length == rest.at, "so is a word");
    prove(rest.at + rest.length == line.at + line.length, "behind which the rest begins");
    prove(implies(at < word.length, !is_space(word.at[at])), "it has no blank in it");
}
