/* --readiness: an init of this container that starts, drains or stops, wherever it is, and no other one. */
#include "support/probe.h"
#include "support/scratch.h"
#include "support/script.h"
#include "support/test.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { USER = 65532, OUTPUT = 600 };

static struct script_server server;
static char url[64];

/* A PID namespace with a process called `first` as PID 1, one called `init` beside it, and the probe. */
struct scene {
    const char *first;
    const char *init;   /* NULL: there is none */
    bool cgroups;       /* the probe is in a cgroup of its own */
    bool other_cgroup;  /* and that process in another one */
    bool namespaces;    /* each reads of its own cgroup that it is / */
    bool other_root;    /* that process has mounts of its own, as another container has */
    uid_t user;         /* of the probe */
    const char *proc;   /* options of the mount of /proc; "none": there is no /proc */
    const char *option; /* of the probe; NULL: --readiness */
};

static struct {
    int status;
    char out[OUTPUT];
} * seen;

static void must(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    _exit(99);
}

/* The folder of a cgroup of this program's, in the hierarchy that main has mounted. */
static const char *cgroup(const char *name)
{
    return format("%s/pith-%s-%s", scratch_path("cgroups"), scratch_word(), name);
}

/* Moves the caller into it. */
static void enter_cgroup(const char *name)
{
    int fd = open(format("%s/cgroup.procs", cgroup(name)), O_WRONLY | O_CLOEXEC);

    must(fd >= 0 && write(fd, "0", 1) == 1, name);
    close(fd);
}

/* Becomes the process beside PID 1, and says so on READY. */
static void be_init(const struct scene *scene, int ready)
{
    if (scene->cgroups)
        enter_cgroup(scene->other_cgroup ? "other" : "own");
    must(!scene->namespaces || unshare(CLONE_NEWCGROUP) == 0, "unshare");
    must(!scene->other_root || unshare(CLONE_NEWNS) == 0, "unshare");
    prctl(PR_SET_NAME, scene->init);
    must(write(ready, "", 1) == 1, "write");
    for (;;)
        pause();
}

static void start_init(const struct scene *scene)
{
    int ends[2];
    char byte;

    must(pipe2(ends, O_CLOEXEC) == 0, "pipe");
    if (fork() == 0)
        be_init(scene, ends[1]);
    must(read(ends[0], &byte, 1) == 1, "init");
}

/* Is PID 1, and ends with the probe. */
static void be_first(const struct scene *scene)
{
    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    must(mount("proc", "/proc", "proc", 0, scene->proc && scene->proc[0] == 'h' ? scene->proc : NULL) == 0, "/proc");
    prctl(PR_SET_NAME, scene->first);
    if (scene->init)
        start_init(scene);
    if (scene->cgroups)
        enter_cgroup("own");
    must(!scene->namespaces || unshare(CLONE_NEWCGROUP) == 0, "unshare");
    if (scene->proc && strcmp(scene->proc, "none") == 0)
        must(mount("tmpfs", "/proc", "tmpfs", 0, NULL) == 0, "tmpfs");
    if (scene->user > 0) /* group 0 sees all, also with hidepid */
        must(setgroups(0, NULL) == 0 && setgid(USER) == 0 && setuid(USER) == 0, "setuid");
    const struct run_result *result = probe("-v", scene->option ? scene->option : "--readiness", url, NULL);
    seen->status = result->status;
    snprintf(seen->out, sizeof seen->out, "%.500s", result->out);
    _exit(0);
}

static void play(const struct scene *scene)
{
    int status;
    pid_t outer = fork();

    seen->status = -1;
    if (outer == 0) {
        must(unshare(CLONE_NEWPID | CLONE_NEWNS) == 0, "unshare");
        pid_t first = fork();
        if (first == 0)
            be_first(scene);
        waitpid(first, NULL, 0);
        _exit(0);
    }
    waitpid(outer, &status, 0);
}

static void expect(const struct scene *scene, int status, const char *says)
{
    play(scene);
    if (seen->status != status || !strstr(seen->out, says))
        fail_msg("%s beside %s: %d and '%s' wanted, got %d: %s", scene->init ? scene->init : "nobody", scene->first,
                 status, says, seen->status, seen->out);
}

static const char starting[] = "  not ready: init is starting\n", ending[] = "  not ready: init is shutting down\n";

static void pid_1_starts_drains_or_stops(void **state)
{
    unsigned before;

    (void)state;
    expect(&(struct scene){ .first = "init" }, 0, "  200 in ");
    expect(&(struct scene){ .first = "init: draining", .option = "-v" }, 0, "  200 in ");
    before = atomic_load(&server.connections);
    expect(&(struct scene){ .first = "init: starting" }, 1, starting);
    expect(&(struct scene){ .first = "init: draining" }, 1, ending);
    expect(&(struct scene){ .first = "init: stopping" }, 1, ending);
    assert_int_equal(atomic_load(&server.connections), before); /* nothing was sent */
    expect(&(struct scene){ .first = "init: drainin" }, 0, "  200 in ");
}

static void an_init_beside_another_pid_1_counts(void **state)
{
    (void)state;
    expect(&(struct scene){ .first = "pause", .init = "init" }, 0, "  200 in ");
    expect(&(struct scene){ .first = "pause", .init = "init: starting" }, 1, starting);
    expect(&(struct scene){ .first = "docker-init", .init = "init: draining" }, 1, ending);
    expect(&(struct scene){ .first = "pause", .init = "init: stopping" }, 1, ending);
    expect(&(struct scene){ .first = "pause", .init = "init: stopping", .user = USER }, 1, ending);
}

/* In a shared PID namespace each container sees the others' processes. */
static void an_init_of_another_container_does_not_count(void **state)
{
    struct scene scene = { .first = "pause", .init = "init: draining", .cgroups = true };

    (void)state;
    for (int namespaces = 0; namespaces < 2; namespaces++) {
        scene.namespaces = namespaces;
        scene.other_cgroup = false;
        expect(&scene, 1, ending);
        scene.other_cgroup = true;
        expect(&scene, 0, "  200 in ");
    }
}

/* As engines without the right to make cgroups leave it. */
static void containers_in_one_cgroup_are_told_apart_by_their_roots(void **state)
{
    (void)state;
    expect(&(struct scene){ .first = "pause", .init = "init: draining", .other_root = true }, 0, "  200 in ");
    expect(&(struct scene){ .first = "pause", .init = "init: draining", .other_root = true, .user = USER }, 0,
           "  200 in ");
}

static void what_cannot_be_told_is_said(void **state)
{
    static const char unmounted[] = "\n      --readiness cannot tell what init does: /proc is not mounted\n";
    static const char hidden[] = "\n      --readiness may not see what init does: /proc hides processes (hidepid)\n";

    (void)state;
    expect(&(struct scene){ .first = "init: draining", .proc = "none" }, 0, unmounted);
    expect(&(struct scene){ .first = "pause", .init = "init: draining", .proc = "hidepid=2", .user = USER }, 0, hidden);
    expect(&(struct scene){ .first = "pause", .init = "init: draining", .proc = "hidepid=1", .user = USER }, 0, hidden);
    expect(&(struct scene){ .first = "pause", .init = "init: draining", .proc = "hidepid=2" }, 1, ending);
    play(&(struct scene){ .first = "pause", .init = "init" });
    assert_lacks(seen->out, "--readiness");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pid_1_starts_drains_or_stops),
        cmocka_unit_test(an_init_beside_another_pid_1_counts),
        cmocka_unit_test(an_init_of_another_container_does_not_count),
        cmocka_unit_test(containers_in_one_cgroup_are_told_apart_by_their_roots),
        cmocka_unit_test(what_cannot_be_told_is_said),
    };
    const char *hierarchy = scratch_path("cgroups");

    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "unshare");
    must(mkdir(hierarchy, 0755) == 0 && mount("none", hierarchy, "cgroup2", 0, NULL) == 0, "cgroup2");
    must(mkdir(cgroup("own"), 0755) == 0 && mkdir(cgroup("other"), 0755) == 0, "cgroups");
    probe_use_copy();
    script_start(&server, "127.0.0.1", script_ok);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", server.port);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    script_stop(&server);
    rmdir(cgroup("own"));
    rmdir(cgroup("other"));
    umount(hierarchy);
    scratch_remove(NULL);
    return failed;
}
