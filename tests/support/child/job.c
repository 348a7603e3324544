/* job: a program on a terminal: echoes lines, says what stopped and went on, keeps the default dispositions. */
#include "say.h"

#include <signal.h>
#include <string.h>

static void resumed(int signal)
{
    (void)signal;
    say("job: resumed");
}

int main(void)
{
    char line[256];
    ssize_t n;

    sigaction(SIGCONT, &(struct sigaction){ .sa_handler = resumed, .sa_flags = SA_RESTART }, NULL);
    say("job: ready %s", tcgetpgrp(STDIN_FILENO) == getpgrp() ? "in front" : "behind");
    while ((n = read(STDIN_FILENO, line, sizeof line - 1)) > 0) {
        line[n] = '\0';
        line[strcspn(line, "\r\n")] = '\0';
        if (strncmp(line, "exit ", 5) == 0)
            return line[5] - '0';
        say("job: read %s", line);
    }
    say("job: end of input");
    return 9;
}
