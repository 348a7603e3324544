/* Shows the main job of init and healthcheck, live and with no container engine: demo INIT HEALTHCHECK APP. */
#include "examples/demo/container.h"
#include "examples/zombies.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define URL          "http://localhost:8080/health"
#define COMMAND_LINE "/init -- /app"

enum { PORT = 8080, ORPHANS = 1000, EXIT_STATUS = 42, PATIENCE_MS = 5000 };

struct demo {
    struct container container;
    const char *const *programs;
    bool colour;
    int broken; /* promises not kept */
};

/* --- what the reader sees ---------------------------------------------------- */

static const char *const bold = "\033[1m", *const dim = "\033[2m", *const red = "\033[1;31m", *const green = "\033[32m";

static void print_line(const struct demo *demo, const char *style, const char *prefix, const char *text)
{
    printf("%s%s%s%s\n", demo->colour ? style : "", prefix, text, demo->colour ? "\033[0m" : "");
    fflush(stdout);
}

/* Says whether a promise was kept; a broken one makes the demo fail. */
__attribute__((format(printf, 3, 4))) static void promise(struct demo *demo, bool kept, const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    print_line(demo, kept ? green : red, kept ? "    = " : "    BROKEN: ", text);
    demo->broken += !kept;
}

static long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

/* --- the container's log ------------------------------------------------------- */

/* Reads one line; false when none comes within TIMEOUT ms or the log has ended. */
static bool read_log_line(const struct demo *demo, char *line, size_t size, int timeout)
{
    struct pollfd log = { .fd = demo->container.output, .events = POLLIN };
    size_t used = 0;

    while (used < size - 1 && poll(&log, 1, timeout) > 0 && read(log.fd, line + used, 1) == 1 && line[used] != '\n')
        used++;
    line[used] = '\0';
    return used > 0;
}

/* Shows the log up to the line that starts with TEXT, or what is there already when TEXT is NULL. */
static bool show_log(const struct demo *demo, const char *text)
{
    char line[512];

    while (read_log_line(demo, line, sizeof line, text ? PATIENCE_MS : 0)) {
        print_line(demo, dim, "      log: ", line);
        if (text && strncmp(line, text, strlen(text)) == 0)
            return true;
    }
    return false;
}

/* --- what is done inside ------------------------------------------------------- */

/* Shows what a process inside has printed, after what the app has logged of it. */
static void show_result(const struct demo *demo, const struct container_result *result)
{
    char text[sizeof result->output];

    memcpy(text, result->output, sizeof text);
    show_log(demo, NULL);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        print_line(demo, "", "      ", line);
}

static void run(const struct demo *demo, int (*work)(void *), void *context, struct container_result *result)
{
    container_run(&demo->container, work, context, result);
    show_result(demo, result);
}

static void request(const struct demo *demo, const char *line, struct container_result *result)
{
    printf("    > %s\n", line);
    container_request(&demo->container, PORT, line, result);
    show_result(demo, result);
}

static void exec(const struct demo *demo, char *const argv[], struct container_result *result)
{
    printf("    $ %s%s%s\n", argv[0], argv[1] ? " " : "", argv[1] ? argv[1] : "");
    container_exec(&demo->container, argv, result);
    show_result(demo, result);
}

/* Prints the command line of PID 1, whose arguments end in NUL each: proc(5). */
static int print_first_process(void *context)
{
    char arguments[256];
    FILE *file = fopen("/proc/1/cmdline", "re");

    (void)context;
    if (!file)
        return 1;
    size_t size = fread(arguments, 1, sizeof arguments, file);
    fclose(file);
    printf("PID 1:");
    for (size_t i = 0; i < size; i += strlen(arguments + i) + 1)
        printf(" %s", arguments + i);
    printf("\n");
    return 0;
}

static int list_root(void *context)
{
    struct dirent **entries;
    int count = scandir("/", &entries, NULL, alphasort);
    struct stat info;

    (void)context;
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (name[0] == '.' || lstat(name, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode))
            printf("/%s/\n", name);
        else
            printf("/%-13s %8lld bytes\n", name, (long long)info.st_size);
    }
    return 0;
}

/* The number of the newest process counts all that have lived in this PID namespace: proc(5), loadavg. */
static long newest_pid(void)
{
    FILE *file = fopen("/proc/loadavg", "re");
    long pid = 0;

    if (file && fscanf(file, "%*s %*s %*s %*s %ld", &pid) != 1)
        pid = 0;
    if (file)
        fclose(file);
    return pid;
}

/* The last orphans may still be on their way to init when the app says that all are made. */
static int await_no_zombies(void *context)
{
    const struct timespec pause = { .tv_nsec = 1000000 };
    long end = milliseconds() + PATIENCE_MS;
    int count;

    (void)context;
    while ((count = zombies_count()) > 0 && milliseconds() < end)
        nanosleep(&pause, NULL);
    printf("zombies left: %d, after %ld processes\n", count, newest_pid());
    return count != 0 || newest_pid() < 2 * ORPHANS;
}

/* --- the story ----------------------------------------------------------------- */

static void show_start(struct demo *demo)
{
    char *const argv[] = { "/init", "--", "/app", NULL };
    static char *const envp[] = { "PORT=8080", "EXIT_STATUS=42", NULL };
    struct container_result result;

    printf("    $ %s %s " COMMAND_LINE "\n", envp[0], envp[1]);
    bool listening =
        container_start(&demo->container, demo->programs, argv, envp) == 0 && show_log(demo, "listening on ");
    run(demo, print_first_process, NULL, &result);
    promise(demo, listening && strcmp(result.output, "PID 1: " COMMAND_LINE "\n") == 0,
            "init is PID 1, and the app listens");
}

static void show_root(struct demo *demo)
{
    struct container_result result;

    run(demo, list_root, NULL, &result);
    int entries = 0;
    for (const char *c = result.output; *c; c++)
        entries += *c == '\n';
    promise(demo, entries == 4, "three programs, and the kernel's /proc");
}

static void show_no_shell(struct demo *demo)
{
    struct container_result result;

    exec(demo, (char *const[]){ "/bin/sh", NULL }, &result);
    promise(demo, result.status == 127, "no shell: exec fails with status %d", result.status);
}

static void show_healthy(struct demo *demo)
{
    struct container_result result;

    exec(demo, (char *const[]){ "/healthcheck", URL, NULL }, &result);
    promise(demo, result.status == 0, "healthy: status %d", result.status);
}

static void show_unhealthy(struct demo *demo)
{
    struct container_result result;

    request(demo, "POST /fail", &result);
    exec(demo, (char *const[]){ "/healthcheck", URL, NULL }, &result);
    promise(demo, result.status == 1 && strstr(result.output, "503"), "unhealthy: status %d", result.status);
}

static void show_orphans(struct demo *demo)
{
    struct container_result made, left;

    request(demo, "GET /orphans?count=1000", &made);
    run(demo, await_no_zombies, NULL, &left);
    promise(demo, made.status == 0 && left.status == 0, "init has reaped every orphan");
}

static void show_stop(struct demo *demo)
{
    struct pollfd end = { .fd = demo->container.pidfd, .events = POLLIN };
    long start = milliseconds();
    int status = 0;

    kill(demo->container.pid, SIGTERM);
    bool graceful = show_log(demo, "bye") && poll(&end, 1, PATIENCE_MS) > 0;
    kill(demo->container.pid, SIGKILL);
    waitpid(demo->container.pid, &status, 0);
    show_log(demo, NULL);
    promise(demo, graceful && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_STATUS,
            "stopped in %ld ms; the app's exit status is init's: %d", milliseconds() - start, WEXITSTATUS(status));
}

static const struct scene {
    const char *title;
    void (*show)(struct demo *demo);
} scenes[] = {
    { "Start", show_start },
    { "What is in the root directory", show_root },
    { "A shell?", show_no_shell },
    { "The probe", show_healthy },
    { "The app fails", show_unhealthy },
    { "The app leaves 1,000 orphans", show_orphans },
    { "TERM to init", show_stop },
};

enum { SCENES = sizeof scenes / sizeof scenes[0] };

static bool wants_colour(void)
{
    const char *terminal = getenv("TERM");

    return isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0 && !getenv("NO_COLOR");
}

int main(int argc, char *argv[])
{
    struct demo demo = { .programs = (const char *const *)argv + 1, .colour = wants_colour() };
    long start = milliseconds();

    if (argc != 4) {
        fprintf(stderr, "usage: demo INIT HEALTHCHECK APP\n");
        return 2;
    }
    print_line(&demo, "", "", "A container made of namespaces: uid 65532, no capabilities, read-only root, no engine.");
    for (int i = 0; i < SCENES; i++) {
        printf("\n");
        print_line(&demo, bold, "  ", scenes[i].title);
        scenes[i].show(&demo);
    }
    printf("\n%d promises kept, %d broken, in %.1f s\n", SCENES - demo.broken, demo.broken,
           (double)(milliseconds() - start) / 1000);
    return demo.broken > 0;
}
