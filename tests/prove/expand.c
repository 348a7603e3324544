/*
 * What `${NAME}` becomes in arguments and in templates, whatever a user writes.
 */
#include "lib/expand.c"

#include "lib/environment.c"
#include "lib/text.c"
#include "prove/prove.h"

#include <string.h>

enum { SIZE = 5, BEHIND = 3 };

static size_t references; /* that contract_expand_one has seen */

/* What proof_reference shows of expand_one, for values of up to two bytes. */
static bool contract_expand_one(const char *reference, size_t length, char *const environment[],
                                struct expand_files *files, struct text *out, struct expand_error *error)
{
    size_t at;

    references++;
    prove(reference[-2] == '$' && reference[-1] == '{' && reference[length] == '}', "it stands between its braces");
    if (at < length)
        prove(reference[at] != '}' && !(reference[at] == '$' && reference[at + 1] == '{'), "which are its own");
    if (nondet_bool()) {
        error->why = "refused";
        return false;
    }
    if (nondet_bool())
        text_bytes(out, "ab", 2);
    return true;
}

static void expand_any(size_t length)
{
    char string[SIZE + 1], bytes[SIZE];
    char *environment[] = { NULL };
    struct text out = { bytes, sizeof bytes, 0 };
    struct expand_error error = { .why = NULL };
    bool plain = true;

    string[length] = '\0';
    for (size_t i = 0; i < length; i++) {
        assume(string[i] != '\0');
        plain = plain && string[i] != '$';
    }
    references = 0;
    bool good = expand(string, environment, NULL, &out, &error);
    prove(good == (error.why == NULL), "a refusal has its reason");
    prove(implies(!plain || !good, length > 0), "nothing stays nothing");
    prove(implies(good && references == 0, out.length <= length), "without a reference nothing comes in");
    if (!plain)
        return;
    prove(good && out.length == length, "without a $ it stays what it is");
    for (size_t i = 0; i < length; i++)
        prove(bytes[i] == string[i], "byte for byte");
}

/*
 * PROVES   A string is read to its end and no further. Without a `$` it stays what it is; what is between `${` and the
 *          next `}` is a reference, which has no other in it; every refusal has a reason.
 * FOR      strings of up to 5 bytes, whose references become nothing, two bytes, or a refusal
 * CUTS     lib/expand.c: expand_one: prove/expand.c: proof_reference
 * BREAKS   lib/expand.c: string += string[1] == '$' ? 2 : 1; => string += 2;
 * BREAKS   lib/expand.c: if (*end == '\0') return expand_failed(error, string, strlen(string), "has no closing
 *          brace"); =>
 * BREAKS   lib/expand.c: if (has_reference(reference, end)) => if (false)
 * WITH     --unwind 8 --object-bits 10
 * SLOW
 */
void proof_string(void)
{
    for (size_t length = 0; length <= SIZE; length++)
        expand_any(length);
}

/* The variable A, where it is VALUE in the environment, or not there; behind its name LENGTH bytes of a reference. */
static void refer_any(char *variable, size_t length)
{
    char string[BEHIND + 3], bytes[BEHIND];
    char *environment[] = { variable, NULL };
    const char *value = variable ? variable + 2 : "", *behind = string + 1;
    struct text out = { bytes, sizeof bytes, 0 };
    struct expand_error error = { .why = NULL };

    string[0] = 'A';
    for (size_t i = 0; i < length; i++)
        assume(behind[i] != '\0' && behind[i] != '}');
    assume(length == 0 || !is_name_char(behind[0], false));
    string[1 + length] = '}';
    string[2 + length] = '\0';
    bool good = expand_one(string, 1 + length, environment, NULL, &out, &error);
    prove(good == (error.why == NULL), "a refusal has its reason");
    if (length == 0) {
        prove(good == (variable != NULL), "${A} is refused where it is not set");
        prove(implies(good, out.length == strlen(value)), "and is its value where it is");
    } else if (length >= 2 && behind[0] == ':' && (behind[1] == '-' || behind[1] == '+')) {
        bool set = value[0] != '\0', word = set == (behind[1] == '+');
        prove(good && out.length == (word ? length - 2 : behind[1] == '-' ? strlen(value) : 0), "it is as long");
        for (size_t i = 2; i < length; i++)
            prove(implies(word, bytes[i - 2] == behind[i]), "${A:-word} and ${A:+word} may be the word");
    } else {
        prove(!good, "and everything else is refused");
    }
    prove(implies(out.length > 0 && value[0] && (length == 0 || behind[1] == '-'), bytes[0] == value[0]), "its value");
}

/*
 * PROVES   `${A}` is the value of a variable that is set, `${A:-word}` the word where it is not set or empty,
 *          `${A:+word}` the word where it is neither, else nothing; everything else is refused with its reason.
 * FOR      a variable of one letter, which is not set, is empty, or has one byte; up to 3 bytes behind its name
 * BREAKS   lib/expand.c: if (has_word && is_set == (rest[1] == '+')) => if (has_word && is_set == (rest[1] == '-'))
 * BREAKS   lib/expand.c: text_bytes(out, rest + 2, length - name - 2); => text_bytes(out, rest + 2, length - name -
 *          1);
 * WITH     --unwind 6 --unwindset strlen.0:4
 * SLOW
 */
void proof_reference(void)
{
    char empty[] = "A=", one[] = "A=v";

    for (size_t length = 0; length <= BEHIND; length++) {
        refer_any(NULL, length);
        refer_any(empty, length);
        refer_any(one, length);
    }
}
