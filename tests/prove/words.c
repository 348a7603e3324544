/*
 * The word splitter of init, whatever a user writes: what a backslash means, and the words.
 */
#include "pith/text.h"

static void counted_char(struct text *out, char c);
#define text_char counted_char /* what words.c calls */
#include "init/steps/words.c"
#undef text_char

#include "lib/text.c"
#include "prove/prove.h"

enum { SIZE = 3, ESCAPE = 4 };

static size_t nuls; /* that were put so far */
static int sum;     /* of all bytes that were put */
static char last;   /* byte that was put */

static void counted_char(struct text *out, char c)
{
    text_char(out, c);
    nuls += c == '\0';
    sum += c;
    last = c;
}

/* LENGTH is one number for cbmc, so that it has few places to look at. */
static void escape_any(size_t length)
{
    char bytes[ESCAPE], put[2];
    struct text out = { put, sizeof put, 0 };

    for (size_t i = 0; i < length; i++)
        assume(bytes[i] != '\0');
    size_t taken = put_escape(&out, bytes, bytes + length);
    prove(taken == 1 || (taken == 3 && length >= 3), "what is taken is there");
    prove(out.length == 1 || (out.length == 2 && taken == 1 && put[0] == '\\'), "it becomes a byte, or stays");
    prove(put[0] != '\0' && implies(out.length == 2, put[1] == bytes[0]), "which is no NUL");
    if (taken == 3 && bytes[0] != 'x')
        prove((uint8_t)put[0] == (bytes[0] - '0') * 64 + (bytes[1] - '0') * 8 + bytes[2] - '0', "three octal digits");
    if (bytes[0] == 'n' || bytes[0] == '"' || bytes[0] == '\\')
        prove(out.length == 1 && put[0] == (bytes[0] == 'n' ? '\n' : bytes[0]),
              "the usual ones mean what they do in C");
}

/*
 * PROVES   A backslash and what is behind it become one byte, which is no NUL, or stay as they are; nothing behind
 *          the command line is read. `\n` is the end of a line, `\"` a quote, `\101` an A.
 * FOR      1 to 4 bytes behind a backslash
 * BREAKS   init/steps/words.c: if (at == end || digit_value(*at) >= base) => if (digit_value(*at) >= base)
 * BREAKS   init/steps/words.c: if (value == 0 || value > 255) => if (value > 255)
 * WITH     --no-conversion-check --unwind 17
 */
void proof_escape(void)
{
    for (size_t length = 1; length <= ESCAPE; length++)
        escape_any(length);
}

/* What proof_escape shows of put_escape. */
static size_t contract_put_escape(struct text *out, const char *at, const char *end)
{
    char byte, next;

    prove(at < end, "a byte is behind the backslash");
    assume(byte != '\0' && next != '\0');
    counted_char(out, byte);
    if (end - at >= 3 && nondet_bool())
        return 3;
    if (nondet_bool())
        counted_char(out, next);
    return 1;
}

static void split_any(size_t length)
{
    char string[SIZE];
    struct text out = { NULL, 0, 0 }; /* which measures */
    size_t letters = 0;
    const char *why = NULL;
    bool plain = true;
    int words = 0, sum_of_letters = 0;

    for (size_t i = 0; i < length; i++) {
        bool blank = is_blank(string[i]);
        assume(string[i] != '\0');
        plain = plain && string[i] != '\\' && string[i] != '"' && string[i] != '\'';
        words += !blank && (i == 0 || is_blank(string[i - 1]));
        letters += !blank;
        sum_of_letters += blank ? 0 : string[i];
    }
    nuls = 0;
    sum = 0;
    int count = words_split(string, length, &out, &why);
    prove(out.length <= length + 1, "the words are no longer than what they are in");
    prove(count == -1 || (size_t)count == nuls, "each word ends with a NUL, and no other NUL is there");
    prove(implies(count >= 0 && out.length > 0, last == '\0'), "the last one, too");
    prove(implies(count == -1, why != NULL), "a refusal has its reason");
    if (!plain)
        return;
    prove(count == words, "without quotes blanks divide words");
    prove(out.length == letters + nuls && sum == sum_of_letters, "of which each byte is there once");
}

/*
 * PROVES   A command line is split into as many words as are counted, each of which ends with a NUL, and which are no
 *          longer than it and one NUL more. Without quotes and backslashes the words are what is between blanks, each
 *          byte once.
 * FOR      command lines of up to 3 bytes
 * CUTS     init/steps/words.c: put_escape: prove/words.c: proof_escape
 * BREAKS   init/steps/words.c: if (at + 1 < end) => if (true)
 * BREAKS   init/steps/words.c: if (obeyed) text_char(out, '\0'); obeyed = 0; => obeyed = 0;
 * WITH     --no-conversion-check --unwind 5 --unwindset words_split.0:4,text_until.0:9
 */
void proof_split(void)
{
    for (size_t length = 0; length <= SIZE; length++)
        split_any(length);
}
