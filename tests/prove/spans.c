/*
 * Pieces of texts, lines and words, as every parser of healthcheck takes them, and the %XX and numbers in targets.
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

/*
 * PROVES   %XX is decoded to no more bytes than it is written in, and never to a NUL. A number is of digits
 *          alone, and is not above its limit.
 * FOR      texts of up to 5 bytes
 * BREAKS   healthcheck/target/span.c: int low = i + 2 < piece.length ? hex_digit(piece.at[i + 2]) : -1; => int low
 *          = hex_digit(piece.at[i + 2]);
 * BREAKS   healthcheck/target/span.c: || high + low == 0) => )
 * BREAKS   healthcheck/target/span.c: if (next > max) return false; =>
 * WITH     --no-conversion-check --unwind 7
 * SLOW
 */
void proof_decoded(void)
{
    char room[SIZE], bytes[SIZE];
    struct span text = any_text(room);
    struct text out = { bytes, nondet_size(), 0 };
    unsigned max, number;
    size_t at;

    assume(out.size <= SIZE);
    bool good = span_decode(text, &out);
    prove(out.length <= text.length, "it becomes no longer");
    assume(at < SIZE && at < text.length && at < out.length && at < out.size);
    prove(implies(good && memchr(text.at, 0, text.length) == NULL, bytes[at] != '\0'), "no NUL comes in");
    if (span_number(text, max, &number))
        prove(number <= max && text.length > 0 && is_digit(text.at[at]), "it is a number within its limit");
}
