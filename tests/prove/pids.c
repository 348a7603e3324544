/*
 * What both programs take out of /proc/PID/stat, whatever name a process gives itself.
 */
#include "lib/pids.c"

#include "lib/text.c"
#include "prove/prove.h"

enum { SIZE = 6 };

/* LENGTH is one number for cbmc, so that it has few places to look at. */
static void parse_any(size_t length)
{
    char room[SIZE];
    struct pid_stat stat;
    size_t open = 0, close = 0;
    const char *text = room + SIZE - length;

    for (size_t i = length; i-- > 0;)
        open = text[i] == '(' ? i : open;
    for (size_t i = 0; i < length; i++)
        close = text[i] == ')' ? i : close;
    bool good = pid_stat_parse(text, length, &stat);
    prove(implies(length > 0, good == (text[open] == '(' && close > open && close + 3 <= length)),
          "it has a name and more");
    if (!good)
        return;
    prove(stat.name == text + open + 1 && stat.name_length == close - open - 1, "its name is in parentheses");
    prove(stat.state == text[close + 2], "its state is behind them");
    prove(stat.field[PID_PARENT] >= 0 && stat.field[PID_GROUP] >= 0 && stat.field[PID_START] >= 0,
          "no number is negative");
    if (length == close + 5 && text[close + 2] != ' ' && text[close + 3] == ' ')
        prove(stat.field[PID_PARENT] == (is_digit(text[close + 4]) ? text[close + 4] - '0' : 0),
              "its parent is behind that");
}

/*
 * PROVES   The name of a process is what stands between the first `(` and the last `)`, whatever is in it; its state
 *          is the byte that follows these by a space, and its parent the number behind that.
 * FOR      texts of up to 6 bytes
 * BREAKS   lib/pids.c: while (close > open && *--close != ')') => while (close > open && *--close != ' ')
 * BREAKS   lib/pids.c: if (end - close < 3 || *close != ')') => if (*close != ')')
 * BREAKS   lib/pids.c: field = &stat->field[PID_STATE] => field = &stat->field[PID_PARENT]
 * WITH     --unwind 8 --unwindset pid_stat_parse.2:5,pid_stat_parse.3:5,pid_stat_parse.4:5
 * SLOW
 */
void proof_stat(void)
{
    for (size_t length = 0; length <= SIZE; length++)
        parse_any(length);
}
