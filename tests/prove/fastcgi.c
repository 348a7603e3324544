/*
 * The reader of FastCGI's records, fed one byte or piece in any state that its invariant allows, and the status of the
 * page in them.
 */
#include "healthcheck/probes/fastcgi.c"

#include "healthcheck/probes/dialogue.c"
#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { ROOM = 3, PIECE = 3, LINE = 13 };

static bool invariant(const struct fcgi_answer *a)
{
    return a->rest <= HTTP_FRAMING_MAX && a->output.size == ROOM && a->output.length < ROOM &&
           implies(a->at > 0, is_head(a->head, a->at < FCGI_HEADER ? a->at : FCGI_HEADER)) &&
           implies(a->at >= FCGI_HEADER, a->at < FCGI_HEADER + content_size(a) + a->head[6]);
}

/*
 * PROVES   Each byte of an answer leads to a state of the invariant, to the end of the request, or to a refusal;
 *          what is no output is bounded by 8 MiB.
 * FOR      every state and byte, and room for 3 bytes of the output
 * BREAKS   healthcheck/probes/fastcgi.c: n == 0 || answer->rest > HTTP_FRAMING_MAX => n == 0
 * BREAKS   healthcheck/probes/fastcgi.c: if (!has_record(answer)) continue; =>
 * BREAKS   healthcheck/probes/fastcgi.c: if (answer->head[1] == FCGI_END) return REPLY_COMPLETE; =>
 * WITH     --no-conversion-check --unwind 9
 * SLOW
 */
void proof_feed(void)
{
    char output[ROOM];
    uint8_t byte;
    struct fcgi_answer answer;

    answer.output.start = output;
    assume(invariant(&answer));
    size_t before = answer.output.length, at = answer.at;
    enum reply reply = fcgi_feed(&answer, &byte, 1);
    prove(implies(reply == REPLY_PARTIAL, invariant(&answer)), "the invariant still holds");
    prove(implies(reply == REPLY_PARTIAL && answer.at == 0, answer.head[1] != FCGI_END), "nor is it the end");
    prove(answer.output.length <= before + 1, "no more comes out than comes in");
    if (answer.output.length > before)
        prove(output[before] == (char)byte && answer.head[1] == FCGI_OUTPUT && at >= FCGI_HEADER, "as it came");
    if (reply == REPLY_COMPLETE && answer.output.length < ROOM)
        prove(answer.head[1] == FCGI_END && has_record(&answer), "it ends with the record that says so");
}

/*
 * PROVES   Of a record's content every byte is taken once, however many come at once, and none of what is behind it.
 * FOR      every state in a record, and pieces of 3 bytes
 * BREAKS   healthcheck/probes/fastcgi.c: size_t end = answer->at < content ? content : whole, => size_t end = whole,
 * BREAKS   healthcheck/probes/fastcgi.c: && i < n && from + i < FCGI_END_SIZE; i++) => && i < n; i++)
 * BREAKS   healthcheck/probes/fastcgi.c: answer->end[from + i] = bytes[i]; => answer->end[i] = bytes[i];
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

static void read_status(size_t length)
{
    char line[LINE] = "Status:";
    unsigned status = 0, before = nondet_bool() ? 200 : 0;

    for (size_t i = sizeof "Status:" - 1; i < length; i++) {
        char any;
        line[i] = any;
    }
    status = before;
    bool good = take_fcgi_status((struct span){ line, length }, &status);
    prove(implies(good, before == 0 && status >= 100 && status <= 999), "it has three digits, and is there once");
    if (good && line[7] != ' ' && line[7] != '\t')
        prove(status == (unsigned)((line[7] - '0') * 100 + (line[8] - '0') * 10 + line[9] - '0'), "it is these");
    if (good && line[7] != ' ' && line[7] != '\t' && length > 10)
        prove(line[10] == ' ', "a blank is behind them, or nothing");
}

/*
 * PROVES   The status of a page is three digits from 100 to 999, with a blank or nothing behind them, and is there
 *          once.
 * FOR      lines of up to 12 bytes
 * BREAKS   healthcheck/probes/fastcgi.c: return *status == 0 && digits.length == 3 && => return *status == 0 &&
 * BREAKS   healthcheck/probes/fastcgi.c: return *status == 0 && digits.length == 3 => return digits.length == 3
 * BREAKS   healthcheck/probes/fastcgi.c: struct span digits = span_take(&line, ' '); => struct span digits =
 *          span_take(&line, ';');
 * WITH     --no-conversion-check --unwind 14
 * SLOW
 */
void proof_status(void)
{
    for (size_t length = 7; length < LINE; length++)
        read_status(length);
}
