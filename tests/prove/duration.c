/*
 * How both programs read durations, and add times. A duration is read part by part; what is shown of a part and of
 * their sum holds for durations of any number of parts.
 */
#include "lib/duration.c"

#include "lib/text.c"
#include "prove/prove.h"

#include <string.h>

enum { SIZE = 3, WHOLE = 2, FRACTION = 1, LONG = 20, ROOM = LONG + 2 };

/* Where the digits end that contract_skip_digits is asked for, in this order. */
static const char *digit_ends[2];
static int asked;
/* What contract_unit_of says of every name. */
static int64_t any_unit;

static const char *contract_skip_digits(const char *string)
{
    return digit_ends[asked++];
}

static int64_t contract_unit_of(const char *name, size_t length)
{
    return any_unit;
}

/* Puts COUNT digits, which may be any, to AT. Returns the number that they are. */
static int64_t put_digits(char *at, size_t count)
{
    int64_t number = 0;

    for (size_t i = 0; i < count; i++) {
        assume(is_digit(at[i]));
        number = number * 10 + (at[i] - '0');
    }
    return number;
}

/* A number of so many digits, with a fraction of so many, in a unit of so many ns. All are numbers for cbmc. */
static void add_any(int64_t unit, size_t wholes, size_t fractions)
{
    char string[ROOM];
    const char *at = string;
    int64_t before, sum;
    size_t end = wholes + (fractions > 0) + fractions;

    assume(before >= 0 && before <= longest);
    sum = before;
    int64_t value = put_digits(string, wholes) * unit, tenth = unit;
    if (fractions > 0)
        string[wholes] = '.';
    put_digits(string + wholes + 1, fractions);
    for (size_t i = 0; i < fractions; i++)
        value += (string[wholes + 1 + i] - '0') * (tenth /= 10);
    string[end] = 'x';
    string[end + 1] = '\0';
    digit_ends[0] = string + wholes;
    digit_ends[1] = string + end;
    asked = 0;
    any_unit = unit;
    const char *why = add_part(&at, false, &sum);
    prove((why == NULL) == (before + value <= longest), "it is refused exactly where it is more than ten years");
    prove(why || sum == before + value, "it is the number that is written");
    prove(at == string + end + 1, "it is read to its end");
}

static const int64_t unit_sizes[] = { NS_PER_MS, NS_PER_S, 60 * NS_PER_S, 3600 * NS_PER_S };

/*
 * PROVES   A part adds the number that its digits are, in its unit, and is refused exactly where the sum is above
 *          ten years.
 * FOR      every unit, numbers of 2 digits, and of one with a fraction of one; any sum before
 * CUTS     lib/duration.c: skip_digits: prove/duration.c: proof_names
 * CUTS     lib/duration.c: unit_of: prove/duration.c: proof_names
 * BREAKS   lib/duration.c: value = value * 10 + (*whole - '0'); => value = value * 10 + (*whole & 7);
 * BREAKS   lib/duration.c: * (unit /= 10); => * unit;
 * BREAKS   lib/duration.c: return *ns > longest ? => return value > longest ?
 * WITH     --unwind 6 --object-bits 10
 * SLOW
 */
void proof_part(void)
{
    for (size_t unit = 0; unit < 4; unit++) {
        add_any(unit_sizes[unit], WHOLE, 0);
        add_any(unit_sizes[unit], 1, FRACTION);
    }
}

/*
 * PROVES   However long a number is, it is refused before it overflows, and a sum is never above ten years.
 * FOR      every unit, and numbers of 20 digits; any sum before
 * CUTS     lib/duration.c: skip_digits: prove/duration.c: proof_names
 * CUTS     lib/duration.c: unit_of: prove/duration.c: proof_names
 * BREAKS   lib/duration.c: if (value > longest / unit) => if (value > longest)
 * BREAKS   lib/duration.c: return *ns > longest ? "is longer than 10 years" : NULL; => return NULL;
 * WITH     --unwind 22
 * SLOW
 */
void proof_long(void)
{
    char string[ROOM];
    int64_t sum;

    assume(sum >= 0 && sum <= longest);
    string[LONG] = 'x';
    string[LONG + 1] = '\0';
    for (size_t unit = 0; unit < 4; unit++) {
        const char *at = string;
        int64_t after = sum;
        digit_ends[0] = string + LONG;
        asked = 0;
        any_unit = unit_sizes[unit];
        for (size_t i = 0; i < LONG; i++)
            assume(is_digit(string[i]));
        prove(add_part(&at, false, &after) || (after >= sum && after <= longest), "it is refused where it is above");
    }
}

/*
 * PROVES   Digits are skipped to the first byte that is none, and a name is a unit only where it is all of one.
 * FOR      strings of up to 3 bytes
 * BREAKS   lib/duration.c: && units[i].name[length] == '\0') => )
 * BREAKS   lib/duration.c: { "m", 60 * 1000 } => { "m", 60 * 100 }
 * WITH     --unwind 6
 */
void proof_names(void)
{
    char string[SIZE + 1];
    size_t length = nondet_size(), at;

    string[SIZE] = '\0';
    const char *end = skip_digits(string);
    assume(at < SIZE && length <= strlen(string));
    prove(!is_digit(*end) && implies(string + at < end, is_digit(string[at])), "digits are skipped, and no more");
    int64_t ms = length == 0                                           ? 1000
                 : length == 1 && string[0] == 's'                     ? 1000
                 : length == 1 && string[0] == 'm'                     ? 60000
                 : length == 1 && string[0] == 'h'                     ? 3600000
                 : length == 2 && string[0] == 'm' && string[1] == 's' ? 1
                                                                       : 0;
    prove(unit_of(string, length) == ms * NS_PER_MS, "a unit is one of the five");
}

/* A string of LENGTH bytes, which is one number for cbmc, whose unit may be any. */
static void take_any(size_t length, bool alone)
{
    char string[SIZE + 1];
    const char *at = string;
    int64_t sum = 0;

    string[length] = '\0';
    for (size_t i = 0; i < length; i++)
        assume(string[i] != '\0');
    if (add_part(&at, alone, &sum))
        return;
    prove(is_digit(string[0]) && at > string && at <= string + length, "it begins with a digit");
    prove(*at == '\0' || is_digit(*at), "it ends in front of the next number, or at the end");
    prove(alone || !is_digit(at[-1]), "it has its unit, unless it is alone");
}

/*
 * PROVES   What is accepted begins with a digit, and is read up to the next number or the end.
 * FOR      strings of up to 3 bytes, any name being a unit; alone or among others
 * CUTS     lib/duration.c: unit_of: prove/duration.c: proof_names
 * BREAKS   lib/duration.c: if (end == whole || => if (
 * BREAKS   lib/duration.c: (*at == unit_name && !alone)) => false)
 * WITH     --unwind 6
 * SLOW
 */
void proof_form(void)
{
    for (size_t length = 0; length <= SIZE; length++) {
        any_unit = NS_PER_S;
        take_any(length, false);
        take_any(length, true);
    }
}

static bool given_up; /* contract_add_part has refused a part */

/* What the proofs above show of add_part. */
static const char *contract_add_part(const char **at, bool alone, int64_t *ns)
{
    size_t taken = nondet_size();
    int64_t sum;

    prove(!given_up && **at, "no part is read behind one that is refused, and none at the end");
    assume(taken > 0 && taken <= strlen(*at) && sum >= *ns && sum <= longest);
    *at += taken;
    *ns = sum;
    given_up = nondet_bool();
    return given_up ? "refused" : NULL;
}

/*
 * PROVES   A duration is the sum of its parts, up to the end of the string; where a part is refused it is refused, and
 *          sets nothing.
 * FOR      strings of 1 to 3 bytes
 * CUTS     lib/duration.c: add_part: prove/duration.c: proof_part
 * BREAKS   lib/duration.c: while (!why && *at); => while (*at);
 * BREAKS   lib/duration.c: if (!why) *ns = sum; => *ns = sum;
 * WITH     --unwind 5
 */
void proof_sum(void)
{
    char string[SIZE + 1];
    int64_t ns = -1;

    string[SIZE] = '\0';
    assume(string[0] != '\0');
    const char *why = duration_parse(string, &ns);
    prove((why != NULL) == given_up, "it is refused where a part is");
    prove(given_up ? ns == -1 : ns >= 0 && ns <= longest, "else it is a time of up to ten years");
}

/*
 * PROVES   Two times are added, or are beyond every time.
 * FOR      any two times that are not negative
 * BREAKS   lib/duration.c: &sum) ? TIME_NEVER : sum; => &sum) ? 0 : sum;
 */
void proof_time_add(void)
{
    int64_t a, b;

    assume(a >= 0 && b >= 0);
    prove(time_add(a, b) == (a <= INT64_MAX - b ? a + b : TIME_NEVER), "the sum is right");
}
