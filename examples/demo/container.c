/* Makes the demo's container with plain system calls: unshare(2), pivot_root(2), setns(2). */
#include "examples/demo/container.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAMESPACES = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC, SETUP_FAILED = 125 };

/* Ends a forked child whose set-up fails, after a line that says why. */
static void check(bool done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "demo: %s: %s\n", what, strerror(errno));
    _exit(SETUP_FAILED);
}

static void raise_loopback(void)
{
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    check(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0, "lo");
    close(fd);
}

static void copy_program(int root, const char *path)
{
    const char *slash = strrchr(path, '/');
    int in = open(path, O_RDONLY | O_CLOEXEC);
    int out = openat(root, slash ? slash + 1 : path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    struct stat info;

    check(in >= 0 && fstat(in, &info) == 0, path);
    check(out >= 0 && sendfile(out, in, NULL, (size_t)info.st_size) == info.st_size, path);
    close(in);
    close(out);
}

/* A tmpfs that is mounted nowhere yet. */
static int new_tmpfs(void)
{
    int context = fsopen("tmpfs", FSOPEN_CLOEXEC);

    check(context >= 0 && fsconfig(context, FSCONFIG_SET_STRING, "mode", "755", 0) == 0 &&
              fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0,
          "tmpfs");
    int root = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    check(root >= 0, "tmpfs");
    close(context);
    return root;
}

/* The old root is stacked on the new one by pivot_root(".", ".") and then let go: pivot_root(2). */
static void make_root(const char *const programs[])
{
    const unsigned long flags = MS_NOSUID | MS_NODEV;
    int root = new_tmpfs();

    umask(022); /* the container's user runs what is copied */
    for (; *programs; programs++)
        copy_program(root, *programs);
    check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private mounts");
    check(move_mount(root, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH) == 0 && fchdir(root) == 0, "new root");
    check(mkdir("proc", 0755) == 0 && mount("proc", "proc", "proc", flags | MS_NOEXEC, NULL) == 0, "proc");
    check(syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 && chdir("/") == 0, "pivot_root");
    check(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | flags, NULL) == 0, "read-only root");
    close(root);
}

/* In a user namespace of one id there is no group to leave and no way to. */
static void drop_privileges(void)
{
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
        check(prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0, "capabilities");
    if (geteuid() != CONTAINER_UID) {
        check(setgroups(0, NULL) == 0, "setgroups");
        check(setresgid(CONTAINER_UID, CONTAINER_UID, CONTAINER_UID) == 0, "setresgid");
        check(setresuid(CONTAINER_UID, CONTAINER_UID, CONTAINER_UID) == 0, "setresuid");
    }
    check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
    check(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0, "parent death signal");
}

static void redirect(int output)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    check(dup2(null, STDIN_FILENO) >= 0, "/dev/null");
    check(dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0, "output");
}

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return written;
}

/* Without root the container's one id stands for the caller's own. */
static bool enter_user_namespace(void)
{
    char uid_map[64], gid_map[64];

    snprintf(uid_map, sizeof uid_map, "%d %u 1", CONTAINER_UID, geteuid());
    snprintf(gid_map, sizeof gid_map, "%d %u 1", CONTAINER_UID, getegid());
    return unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
           write_file("/proc/self/uid_map", uid_map) && write_file("/proc/self/gid_map", gid_map);
}

static void become_init(const char *const programs[], char *const argv[], char *const envp[], int output)
{
    redirect(output);
    check(unshare(NAMESPACES) == 0, "unshare");
    raise_loopback();
    make_root(programs);
    drop_privileges();
    execve(argv[0], argv, envp);
    check(false, argv[0]);
}

int container_start(struct container *container, const char *const programs[], char *const argv[], char *const envp[])
{
    int output[2];

    if ((geteuid() != 0 && !enter_user_namespace()) || unshare(CLONE_NEWPID) != 0 || pipe2(output, O_CLOEXEC) != 0) {
        fprintf(stderr, "demo: new namespaces: %s\n", strerror(errno));
        return -1;
    }
    fflush(stdout);
    container->pid = fork();
    if (container->pid == 0)
        become_init(programs, argv, envp, output[1]);
    close(output[1]);
    container->envp = envp;
    container->output = output[0];
    container->pidfd = (int)syscall(SYS_pidfd_open, container->pid, 0);
    return container->pid > 0 && container->pidfd >= 0 ? 0 : -1;
}

static void work_inside(const struct container *container, int (*work)(void *context), void *context, int output)
{
    redirect(output);
    check(setns(container->pidfd, NAMESPACES) == 0, "setns");
    drop_privileges();
    int status = work(context);
    fflush(stdout);
    _exit(status);
}

static void read_all(int fd, char *text, size_t size)
{
    size_t used = 0;

    for (ssize_t got; (got = read(fd, text + used, size - 1 - used)) > 0;)
        used += (size_t)got;
    text[used] = '\0';
}

void container_run(const struct container *container, int (*work)(void *context), void *context,
                   struct container_result *result)
{
    int output[2] = { -1, -1 }, status = SETUP_FAILED << 8;
    pid_t pid = -1;

    fflush(stdout);
    if (pipe2(output, O_CLOEXEC) == 0)
        pid = fork();
    if (pid == 0)
        work_inside(container, work, context, output[1]);
    close(output[1]);
    read_all(output[0], result->output, sizeof result->output);
    close(output[0]);
    if (pid > 0)
        waitpid(pid, &status, 0);
    result->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

struct program {
    char *const *argv, *const *envp;
};

static int exec_program(void *context)
{
    const struct program *program = context;

    execve(program->argv[0], program->argv, program->envp);
    fprintf(stderr, "exec %s: %s\n", program->argv[0], strerror(errno));
    return errno == ENOENT ? 127 : 126;
}

void container_exec(const struct container *container, char *const argv[], struct container_result *result)
{
    struct program program = { .argv = argv, .envp = container->envp };

    container_run(container, exec_program, &program, result);
}

struct request {
    const char *line;
    int port;
};

static int send_request(void *context)
{
    const struct request *request = context;
    const struct sockaddr_in server = { .sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)request->port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char answer[4096];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    check(fd >= 0 && connect(fd, (const struct sockaddr *)&server, sizeof server) == 0, request->line);
    dprintf(fd, "%s HTTP/1.0\r\n\r\n", request->line);
    read_all(fd, answer, sizeof answer);
    const char *body = strstr(answer, "\r\n\r\n");
    fputs(body ? body + 4 : answer, stdout);
    return strncmp(answer, "HTTP/1.", 7) != 0 || strncmp(answer + 8, " 200", 4) != 0;
}

void container_request(const struct container *container, int port, const char *line, struct container_result *result)
{
    struct request request = { .line = line, .port = port };

    container_run(container, send_request, &request, result);
}
