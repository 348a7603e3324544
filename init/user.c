/* Finds COMMAND's user and becomes it. */
#include "init/user.h"

#include "init/confine.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
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

COLD const char *user_find(struct init_conf *conf, char *passwd)
{
    const char *home = NULL;
    int64_t gid = -1;

    while (*passwd && gid < 0) {
        char *line = text_cut(&passwd, '\n');
        text_cut(&line, ':'); /* name */
        text_cut(&line, ':'); /* password */
        if (number_parse(text_cut(&line, ':'), UINT32_MAX - 1) != conf->uid)
            continue;
        gid = number_parse(text_cut(&line, ':'), UINT32_MAX - 1);
        text_cut(&line, ':'); /* in words */
        home = text_cut(&line, ':');
    }
    if (!conf->has_group)
        conf->gid = gid < 0 ? conf->uid : (gid_t)gid;
    return gid >= 0 && *home ? home : "/";
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

/* Whether there are supplementary groups. OWN alone does not count: engines list a process' own group there again. */
static bool has_other_groups(gid_t own)
{
    gid_t group;
    int count = getgroups(1, &group);

    return count != 0 && (count != 1 || group != own);
}

/* By system calls: libc's functions would change the ids of all threads of the process, and the memory is init's. */
COLD bool user_become(const struct init_conf *conf, bool hand_over)
{
    if (hand_over)
        hand_over_descriptors(conf->uid);
    if (syscall(CALL_SETGROUPS, 0, NULL) != 0 && (errno != EPERM || has_other_groups(conf->gid)))
        return false;
    return syscall(CALL_SETRESGID, conf->gid, conf->gid, conf->gid) == 0 &&
           syscall(CALL_SETRESUID, conf->uid, conf->uid, conf->uid) == 0 &&
           syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           capabilities_keep(conf->uid == 0 ? ~UINT64_C(0) : 0);
}
