/*
 * The page that a CGI program writes, line by line.
 */
#include "healthcheck/probes/fastcgi.c"

#include "healthcheck/probes/dialogue.c"
#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { PAGE = 5, STATUS = 404 };

static unsigned verdicts; /* that were given */
static bool has_status;   /* some line had it */

bool result_set(bool healthy, struct result *result, ...)
{
    result->healthy = healthy;
    verdicts++;
    return healthy;
}

/* What proof_status shows of take_fcgi_status. */
static bool contract_take_fcgi_status(struct span line, unsigned *status)
{
    prove(memchr(line.at, ':', line.length) != NULL, "a line has a colon");
    prove(memchr(line.at, '\n', line.length) == NULL, "and is one line");
    if (nondet_bool())
        return false;
    if (*status == 0 && nondet_bool()) {
        has_status = true;
        *status = STATUS;
    }
    return true;
}

static bool is_end(const char *at)
{
    return at[0] == '\n' || (at[0] == '\r' && at[1] == '\n');
}

static void take_any(size_t length)
{
    char room[PAGE + 1] = { 0 };
    const char *start = room + PAGE - length, *end = room + PAGE;
    struct fcgi_answer answer = { .output = { (char *)start, length, length } };
    struct fcgi_page page;
    struct result result;

    for (size_t i = PAGE - length; i < PAGE; i++) {
        char any;
        room[i] = any;
    }
    has_status = false;
    uint8_t refusal;
    answer.end[4] = refusal;
    verdicts = 0;
    enum reply reply = fcgi_conclude(&answer, &page, &result);
    prove(implies(refusal != 0, reply == REPLY_COMPLETE && verdicts == 1 && page.status == 0 && !result.healthy),
          "a server that has not run the program says so");
    prove(implies(refusal == 0, verdicts == 0), "else its page is judged");
    if (refusal != 0 || reply != REPLY_COMPLETE)
        return;
    prove(page.status == (has_status ? STATUS : 200), "the status is that of its line, or 200");
    prove(page.body.at + page.body.length == end && page.body.at > start, "the body is what is behind the header");
    for (const char *at = start; at < page.body.at; at++)
        if (at == start || at[-1] == '\n')
            prove(is_end(at) == (page.body.at == at + 1 + (*at == '\r')), "which the first empty line ends");
}

/*
 * PROVES   The body of a page begins behind the first empty line, all lines in front of which have a colon; its status
 *          is that of the line that has one, or 200. No page is taken of a program that was not run.
 * FOR      pages of up to 5 bytes
 * CUTS     healthcheck/probes/fastcgi.c: take_fcgi_status: prove/fastcgi.c: proof_status
 * BREAKS   healthcheck/probes/fastcgi.c: || !memchr(at, ':', (size_t)line) || => ||
 * BREAKS   healthcheck/probes/fastcgi.c: if (line < 0) return REPLY_BAD; =>
 * BREAKS   healthcheck/probes/fastcgi.c: else if (refusal != 0) => else if (refusal > 2)
 * BREAKS   healthcheck/probes/fastcgi.c: page->status = page->status ? page->status : FCGI_STATUS_OK; => page->status
 *          = FCGI_STATUS_OK;
 * WITH     --no-conversion-check --unwind 7
 * SLOW
 */
void proof_page(void)
{
    for (size_t length = 0; length <= PAGE; length++)
        take_any(length);
}
