/*
 * The content of FastCGI's records, taken in any state of a record.
 */
#include "healthcheck/probes/fastcgi.c"

#include "healthcheck/probes/dialogue.c"
#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { ROOM = 3, PIECE = 3 };

static bool invariant(const struct fcgi_answer *a)
{
    return a->rest <= HTTP_FRAMING_MAX && a->output.size == ROOM && a->output.length < ROOM &&
           implies(a->at > 0, is_head(a->head, a->at < FCGI_HEADER ? a->at : FCGI_HEADER)) &&
           implies(a->at >= FCGI_HEADER, a->at < FCGI_HEADER + content_size(a) + a->head[6]);
}

/*
 * PROVES   Of a record's content every byte is taken once, however many come at once, and none of what is behind it.
 * FOR      every state in a record, and pieces of 3 bytes
 * BREAKS   healthcheck/probes/fastcgi.c: size_t end = answer->at < content ? content : whole, => size_t end = whole,
 * BREAKS   healthcheck/probes/fastcgi.c: && i < n && from + i < FCGI_END_SIZE; i++) => && i < n; i++)
 * WITH     --no-conversion-check --unwind 9
 */
void proof_piece(void)
{
    char output[ROOM];
    uint8_t bytes[PIECE];
    struct fcgi_answer answer;

    answer.output.start = output;
    assume(invariant(&answer) && answer.at >= FCGI_HEADER && answer.output.length == 0);
    size_t at = answer.at, content = FCGI_HEADER + content_size(&answer), n = take_piece(&answer, bytes, PIECE), i;
    prove(n > 0 && n <= PIECE && answer.at == at + n, "something is taken, and no more than there is");
    prove(implies(at < content, answer.at <= content), "nothing behind the content is taken for it");
    assume(i < n);
    if (at < content && answer.head[1] == FCGI_OUTPUT)
        prove(answer.output.length == n && output[i] == (char)bytes[i], "as it came");
    else
        prove(answer.output.length == 0, "only output comes out");
    if (at < content && answer.head[1] == FCGI_END && at + i - FCGI_HEADER < FCGI_END_SIZE)
        prove(answer.end[at + i - FCGI_HEADER] == bytes[i], "the end is kept in its place");
}
