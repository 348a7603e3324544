/* What the end-to-end tests share: the Docker engine that they run in, and looks into its containers from outside. */
#include "common.h"

#include "examples/demo/container.h"
#include "support/test.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { COMMAND_MS = 60000 };

static void skip_because(const char *what, const char *reason)
{
    printf("# skip: %s%s\n", what, reason);
    fflush(stdout);
    skip();
}

void require_engine(void)
{
    const char *reason = getenv("NO_ENGINE");

    if (reason)
        skip_because("no Docker engine: ", reason);
}

void require_program(const char *program)
{
    char path[256];
    const char *at = getenv("PATH");

    for (size_t length; at && *at; at += length + (at[length] == ':')) {
        length = strcspn(at, ":");
        snprintf(path, sizeof path, "%.*s/%s", (int)length, at, program);
        if (access(path, X_OK) == 0)
            return;
    }
    skip_because(program, " is not installed");
}

void append(char *argv[WORDS_MAX], char *const words[])
{
    size_t count = 0;

    while (argv[count])
        count++;
    while (*words && count + 1 < WORDS_MAX)
        argv[count++] = *words++;
}

const struct run_result *docker(char *const arguments[])
{
    const struct run_options options = { .bound_ms = COMMAND_MS };
    char *argv[WORDS_MAX] = { "docker" };

    append(argv, arguments);
    return run(&options, argv);
}

const struct run_result *succeed(const struct run_result *result)
{
    if (result->status != 0)
        fail_msg("status %d: %s%s", result->status, result->out, result->err);
    return result;
}

void ask(char text[TEXT_MAX], char *const arguments[])
{
    snprintf(text, TEXT_MAX, "%.4000s", succeed(docker(arguments))->out);
    if (*text && text[strlen(text) - 1] == '\n')
        text[strlen(text) - 1] = '\0';
}

void inspect(const char *container, char *format, char text[TEXT_MAX])
{
    ask(text, ARGV("inspect", "--format", format, (char *)container));
}

pid_t first_pid(const char *container)
{
    char text[TEXT_MAX];

    inspect(container, "{{.State.Pid}}", text);
    return (pid_t)strtol(text, NULL, 10);
}

void request(pid_t pid, int port, const char *line, char text[TEXT_MAX])
{
    static struct container_result result;
    struct container inside = { .pid = pid, .pidfd = (int)syscall(SYS_pidfd_open, pid, 0) };

    assert_at_least(inside.pidfd, 0);
    container_request(&inside, port, line, &result);
    close(inside.pidfd);
    if (result.status != 0)
        fail_msg("%s: %s", line, result.output);
    snprintf(text, TEXT_MAX, "%.100s", result.output);
}

void read_proc(pid_t pid, const char *name, char text[TEXT_MAX])
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t size = fread(text, 1, TEXT_MAX - 1, file);
    fclose(file);
    text[size] = '\0';
    for (size_t i = 0; i + 1 < size; i++)
        if (text[i] == '\0')
            text[i] = ' ';
}

void assert_hardened(pid_t pid)
{
    char text[TEXT_MAX];

    read_proc(pid, "status", text);
    assert_contains(text, "\nUid:\t65532\t65532\t65532\t65532\n");
    assert_contains(text, "\nCapBnd:\t0000000000000000\n");
    assert_contains(text, "\nNoNewPrivs:\t1\n");
    read_proc(pid, "mounts", text);
    assert_contains(text, " / overlay ro,");
}

void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in: %s", part, text);
}

void look_again(int64_t end, const char *what)
{
    const struct timespec pause = { .tv_nsec = 50000000 };

    if (run_now_ms() > end)
        fail_msg("not in time: %s", what);
    nanosleep(&pause, NULL);
}
