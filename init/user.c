/* Finds COMMAND's user and becomes it. */
#include "init/user.h"

#include "init/confine.h"
#include "pith/diag.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_setgroups32
enum {
    CALL_FCHOWN = SYS_fchown32,
    CALL_SETGROUPS = SYS_setgroups32,
    CALL_SETRESGID = SYS_setresgid32,
    CALL_SETRESUID = SYS_setresuid32,
};
#else
enum {
    CALL_FCHOWN = SYS_fchown,
    CALL_SETGROUPS = SYS_setgroups,
    CALL_SETRESGID = SYS_setresgid,
    CALL_SETRESUID = SYS_setresuid,
};
#endif

/* What is looked up: a name, or a number, as which digits count. */
struct wanted {
    char name[64];
    int64_t id;       /* -1: a name */
    int64_t gid;      /* of an entry of passwd(5) */
    const char *home; /* the same */
};

/* False for what can be neither. UINT32_MAX means "unchanged" to the kernel and is no id. */
static bool want(struct wanted *wanted, const char *at, size_t length)
{
    const char *rest = text_copy(wanted->name, sizeof wanted->name, at, length < sizeof wanted->name ? length : 0);

    wanted->id = number_parse(wanted->name, UINT32_MAX - 1);
    while (*rest >= '0' && *rest <= '9')
        rest++;
    return *rest || wanted->id >= 0;
}

COLD bool user_check(const char *string)
{
    size_t length = text_until(string, ':');
    struct wanted wanted;
    bool good = want(&wanted, string, length);

    for (const char *at = string + length; good && *at; at += length) {
        at++; /* the colon, or a comma */
        length = text_until(at, ',');
        good = text_until(at, ':') >= length && want(&wanted, at, length);
    }
    return good;
}

/*
 * Finds *WANTED in FILE, which is passwd(5), where an entry without a group is none, or group(5). Sets what it says.
 * FILE is read to the free part of the arena, as far as it fits.
 */
static bool look_up_id(struct wanted *wanted, const char *path, bool passwd, struct arena *arena)
{
    struct text text = arena_text(arena);
    int file = file_open(path, O_RDONLY | O_NONBLOCK, 0);

    if (file >= 0) {
        arena_read(file, &text);
        close(file);
    }
    for (char *lines = text_end(&text); *lines;) {
        char *line = text_cut(&lines, '\n');
        const char *name = text_cut(&line, ':');
        text_cut(&line, ':'); /* password */
        int64_t id = number_parse(text_cut(&line, ':'), UINT32_MAX - 1);
        wanted->gid = number_parse(text_cut(&line, ':'), UINT32_MAX - 1);
        text_cut(&line, ':'); /* in words */
        wanted->home = text_cut(&line, ':');
        if (id < 0 || (passwd && wanted->gid < 0) ||
            (wanted->id < 0 ? strcmp(name, wanted->name) != 0 : id != wanted->id))
            continue;
        wanted->id = id;
        return true;
    }
    return false;
}

static bool find_group(const char *at, size_t length, gid_t *gid, struct arena *arena)
{
    struct wanted group;

    want(&group, at, length);
    if (group.id < 0 && !look_up_id(&group, "/etc/group", false, arena)) {
        diagf("--user: '%s': no such group in /etc/group", group.name);
        return false;
    }
    *gid = (gid_t)group.id;
    return true;
}

/* AT is GROUP[,GROUP...]. */
static bool find_groups(struct init_conf *conf, const char *at, struct arena *arena)
{
    gid_t *gid = &conf->gid;

    for (;;) {
        size_t length = text_until(at, ',');
        if (!find_group(at, length, gid, arena))
            return false;
        if (at[length] == '\0')
            return true;
        if (conf->group_count == GROUPS_MAX) {
            diagf("--user: '%s': more than 32 further groups", conf->user);
            return false;
        }
        gid = &conf->groups[conf->group_count++];
        at += length + 1;
    }
}

COLD const char *user_find(struct init_conf *conf, struct arena *arena)
{
    const char *groups = conf->user + text_until(conf->user, ':');
    struct wanted user;

    if (*groups && !find_groups(conf, groups + 1, arena))
        return NULL;
    want(&user, conf->user, (size_t)(groups - conf->user));
    bool found = look_up_id(&user, "/etc/passwd", true, arena);
    if (user.id < 0) {
        diagf("--user: '%s': no such user in /etc/passwd", user.name);
        return NULL;
    }
    conf->uid = (uid_t)user.id;
    if (!*groups)
        conf->gid = (gid_t)(found ? user.gid : user.id);
    return found && *user.home ? user.home : "/";
}

static bool is_terminal(int fd)
{
    struct winsize size;

    return syscall(SYS_ioctl, fd, TIOCGWINSZ, &size) == 0;
}

/* Gives descriptors 0 to 2 to the user, as runc does. Else that user could not open /dev/stdout. Failures do not
 * matter. */
static void hand_over_descriptors(uid_t uid)
{
    struct file_status status;

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (file_look(fd, &status) && (S_ISFIFO(status.mode) || S_ISSOCK(status.mode) || is_terminal(fd)))
            syscall(CALL_FCHOWN, fd, uid, -1);
}

/* Whether each of the COUNT groups at SOME is OWN or one of the OTHERS at ALL. */
static bool within(const gid_t *some, size_t count, const gid_t *all, size_t others, gid_t own)
{
    for (size_t n = 0; n < count; n++) {
        size_t i = 0;
        while (i < others && all[i] != some[n])
            i++;
        if (i == others && some[n] != own)
            return false;
    }
    return true;
}

/* Whether the groups are those of CONF already. Its gid may be among them: engines list it there again. */
static bool has_groups(const struct init_conf *conf)
{
    gid_t has[2 * GROUPS_MAX];
    int count = getgroups(2 * GROUPS_MAX, has);

    errno = EPERM; /* as setgroups(2) has said */
    return count >= 0 && within(has, (size_t)count, conf->groups, conf->group_count, conf->gid) &&
           within(conf->groups, conf->group_count, has, (size_t)count, conf->gid);
}

/* What to say behind the text of errno, which stays as it is. */
static const char *refusal(bool has_ids)
{
    if (errno != EPERM)
        return "";
    return has_ids ? " (init has other groups: list those, or leave --user out)" : " (init has to run as root)";
}

/* By system calls: libc's functions would change the ids of all threads of the process, and the memory is init's. */
COLD const char *user_become(const struct init_conf *conf, bool hand_over)
{
    if (hand_over)
        hand_over_descriptors(conf->uid);
    if (syscall(CALL_SETGROUPS, conf->group_count, conf->groups) != 0 && (errno != EPERM || !has_groups(conf)))
        return refusal(geteuid() == conf->uid && getegid() == conf->gid);
    bool became = syscall(CALL_SETRESGID, conf->gid, conf->gid, conf->gid) == 0 &&
                  syscall(CALL_SETRESUID, conf->uid, conf->uid, conf->uid) == 0 &&
                  syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                  capabilities_keep(conf->uid == 0 ? ~UINT64_C(0) : 0);
    return became ? NULL : refusal(false);
}
