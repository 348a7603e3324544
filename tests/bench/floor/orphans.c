/* A COMMAND that makes argv[1] orphans, at once when argv[2] is "burst", writes a byte when it has, and waits. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* One child whose COUNT children end after it: they hang on a pipe that it leaves them. */
static void burst(int count)
{
    int gate[2];

    if (pipe(gate) != 0)
        _exit(1);
    pid_t middle = fork();
    if (middle == 0) {
        close(gate[1]);
        for (int i = 0; i < count; i++)
            if (fork() == 0) {
                char byte;
                _exit(read(gate[0], &byte, 1) != 0);
            }
        _exit(0);
    }
    close(gate[0]);
    waitpid(middle, NULL, 0);
    close(gate[1]);
}

/* A child that has a child of its own and leaves it. */
static __attribute__((noinline)) pid_t start_parent(void)
{
    pid_t pid = vfork();

    if (pid == 0) {
        vfork();
        _exit(0);
    }
    return pid;
}

static void stream(int count)
{
    for (int i = 0; i < count; i++)
        waitpid(start_parent(), NULL, 0);
}

int main(int argc, char *argv[])
{
    int count = argc > 1 ? atoi(argv[1]) : 0;

    if (argc > 2 && strcmp(argv[2], "burst") == 0)
        burst(count);
    else
        stream(count);
    if (write(STDOUT_FILENO, "", 1) != 1)
        return 1;
    for (;;)
        pause();
}
