/*
 * What `${NAME}` becomes in arguments and in templates, whatever a user writes.
 */
#include "lib/expand.c"

#include "lib/environment.c"
#include "lib/text.c"
#include "prove/prove.h"

#include <string.h>

enum { BEHIND = 3 };

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
