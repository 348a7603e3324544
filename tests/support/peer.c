/* Starts real servers for tests. */
#include "support/peer.h"

#include "support/probe.h"
#include "support/scratch.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <grp.h>

enum { TEXT_SIZE = 1024, TEXTS = 16, ARGUMENTS_MAX = 32, STOP_MS = 30000, PROBES = 20 };

static const struct passwd *nobody(void)
{
    const struct passwd *user = getpwnam("nobody");

    assert_non_null(user);
    return user;
}

const char *peer_directory(void)
{
    static bool given;
    const char *directory = scratch_directory();

    if (!given) {
        assert_int_equal(chown(directory, nobody()->pw_uid, nobody()->pw_gid), 0);
        given = true;
    }
    return directory;
}

const char *peer_text(const char *format, ...)
{
    static char texts[TEXTS][TEXT_SIZE];
    static unsigned next;
    char *text = texts[next++ % TEXTS];
    va_list values;

    va_start(values, format);
    assert_in_range(vsnprintf(text, TEXT_SIZE, format, values), 0, TEXT_SIZE - 1);
    va_end(values);
    return text;
}

const char *peer_path(const char *name)
{
    return peer_text("%s/%s", peer_directory(), name);
}

/* PATH with %2F for each slash. */
static const char *encode(const char *path)
{
    char encoded[TEXT_SIZE] = "";

    for (size_t n = 0; *path && n + 4 < sizeof encoded; path++)
        n += (size_t)snprintf(encoded + n, sizeof encoded - n, *path == '/' ? "%%2F" : "%c", *path);
    return peer_text("%s", encoded);
}

const char *peer_encoded(const char *name)
{
    return encode(peer_path(name));
}

void peer_write(const char *name, const char *format, ...)
{
    FILE *file = fopen(peer_path(name), "we");
    va_list values;

    assert_non_null(file);
    va_start(values, format);
    vfprintf(file, format, values);
    va_end(values);
    assert_int_equal(fchown(fileno(file), nobody()->pw_uid, nobody()->pw_gid), 0);
    assert_int_equal(fclose(file), 0);
}

const char *peer_copy(const char *name)
{
    const char *from = peer_text("tests/support/%s", name), *path = peer_path(name);
    char *argv[] = { (char *)"install", (char *)"-m", (char *)"755", (char *)from, (char *)path, NULL };

    assert_int_equal(run(NULL, argv)->status, 0);
    return path;
}

char *peer_read(const char *name)
{
    FILE *file = fopen(peer_path(name), "re");
    size_t size = 0;
    char *text = NULL;

    if (!file || getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = strdup("");
    }
    if (file)
        fclose(file);
    return text;
}

void peer_expect_log(const char *name, char *before)
{
    char *after = peer_read(name);

    assert_string_equal(after, before);
    free(before);
    free(after);
}

bool peer_complains(const char *name, size_t from, const char *const words[])
{
    char *text = peer_read(name), *line, *rest = NULL;
    bool complains = false;

    for (line = strtok_r(from < strlen(text) ? text + from : text + strlen(text), "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest))
        for (size_t i = 0; words[i]; i++)
            if (strstr(line, words[i])) {
                print_error("%s: %s\n", name, line);
                complains = true;
            }
    free(text);
    return complains;
}

int peer_port(void)
{
    return script_free_port("127.0.0.1");
}

char *peer_program(const char *pattern)
{
    glob_t found;

    if (glob(pattern, 0, NULL, &found) != 0)
        fail_msg("%s: not installed", pattern);
    char *path = strdup(found.gl_pathv[0]);
    globfree(&found);
    return path;
}

/* In the child: nobody from here on. */
static void become_nobody(const struct passwd *user)
{
    if (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0 ||
        chdir(scratch_directory()) != 0)
        _exit(EXIT_FAILURE);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("HOME", scratch_directory(), 1);
    umask(022);
}

pid_t peer_start(const char *log, char *const argv[])
{
    const struct passwd *user = nobody();
    const char *path = peer_path(log);
    pid_t pid = fork();

    if (pid == 0) {
        become_nobody(user);
        int out = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644), in = open("/dev/null", O_RDONLY);
        dup2(in, STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
        syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
        setsid();
        execvp(argv[0], argv);
        perror(argv[0]);
        _exit(127);
    }
    assert_true(pid > 0);
    return pid;
}

void peer_stop(pid_t pid, int signal)
{
    struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };

    kill(pid, signal);
    bool ended = stall_poll_end(pid, &end, 1, STOP_MS);
    if (!ended)
        kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    if (end.fd >= 0)
        close(end.fd);
    assert_true(ended);
}

int peer_run(struct run_result *result, char *const argv[])
{
    static struct run_result scratch;
    char *full[ARGUMENTS_MAX] = { (char *)"setpriv", (char *)"--reuid=nobody", (char *)"--regid=nogroup",
                                  (char *)"--clear-groups" };
    const struct run_options options = { .bound_ms = 60000 };
    struct run_child child;
    size_t n = 4;

    for (size_t i = 0; argv[i]; i++)
        full[n++] = argv[i];
    assert_true(n < ARGUMENTS_MAX);
    result = result ? result : &scratch;
    peer_directory();
    run_start(&child, &options, full);
    run_finish(&child, result);
    return result->status;
}

const char *peer_shell(const char *format, ...)
{
    static struct run_result result;
    char command[4096];
    va_list values;
    int n = snprintf(command, sizeof command, "cd %s && export HOME=$PWD TMPDIR=$PWD && ", peer_directory());

    va_start(values, format);
    vsnprintf(command + n, sizeof command - (size_t)n, format, values);
    va_end(values);
    if (peer_run(&result, (char *[]){ (char *)"/bin/sh", (char *)"-c", command, NULL }) != 0)
        fail_msg("%s: status %d\n%s%s", command, result.status, result.out, result.err);
    return result.out;
}

const struct run_result *peer_probe(const char *argument, ...)
{
    char *argv[ARGUMENTS_MAX] = { (char *)probe_binary(), (char *)argument };
    const struct run_options options = { .bound_ms = 90000 };
    va_list rest;

    va_start(rest, argument);
    for (size_t n = 2; n < ARGUMENTS_MAX && argv[n - 1]; n++)
        argv[n] = va_arg(rest, char *);
    va_end(rest);
    return run(&options, argv);
}

void peer_await(const char *target)
{
    const struct run_result *result = peer_probe("--wait", "60s", "--interval", "50ms", target, NULL);

    if (result->status != 0)
        fail_msg("%s does not come up: %s%s", target, result->out, result->err);
}

void peer_expect(const char *target, int status, const char *says)
{
    const struct run_result *result = peer_probe(target, NULL);

    if (result->status != status || !strstr(result->out, says))
        fail_msg("%s: wanted %d and '%s', got %d: %s%s", target, status, says, result->status, result->out,
                 result->err);
}

void peer_probe_often(const char *target)
{
    for (int i = 0; i < PROBES; i++)
        peer_expect(target, 0, "ok");
}

const char *peer_socket_url(const char *scheme, const char *path)
{
    return peer_text("%s://%s/", scheme, encode(path));
}

int peer_clean(void **state)
{
    subject_end_all(state);
    return scratch_remove(state);
}
