/* end STATUS | end -SIGNAL: ends so, with "-i" as a second argument when its stdin is at its end. */
#include "say.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

int main(int argc, char *argv[])
{
    int how = argc > 1 ? atoi(argv[1]) : 0;
    char byte;

    if (argc > 2) {
        say("ready");
        while (read(STDIN_FILENO, &byte, 1) > 0)
            ;
    }
    if (how >= 0)
        return how;
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    kill(getpid(), -how);
    for (;;)
        pause();
}
