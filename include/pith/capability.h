/*
 * Capabilities (capabilities(7)) of this process, by capget(2) and capset(2). The kernel's headers that declare all
 * this are not part of a C library.
 */
#ifndef PITH_CAPABILITY_H
#define PITH_CAPABILITY_H

#include <stdint.h>

/* Those that somebody here asks for or keeps. */
enum capability {
    CAP_CHOWN = 0,
    CAP_DAC_OVERRIDE = 1,
    CAP_FOWNER = 3,
    CAP_KILL = 5,
    CAP_SETGID = 6,
    CAP_SETUID = 7,
    CAP_SYS_MODULE = 16,
    CAP_SYS_RAWIO = 17,
    CAP_SYS_CHROOT = 18,
    CAP_SYS_PTRACE = 19,
    CAP_SYS_ADMIN = 21,
    CAP_MKNOD = 27,
    CAP_SETFCAP = 31,
};

/* The first argument of both calls: the version of the second one, and whose capabilities are meant (0: one's own). */
struct capability_head {
    uint32_t version;
    int pid;
};

enum { CAPABILITY_VERSION = 0x20080522, CAPABILITY_SETS = 2 };

/* The second argument is an array of CAPABILITY_SETS: capabilities 0 to 31, and 32 to 63. Each is a bit. */
struct capability_set {
    uint32_t effective, permitted, inheritable;
};

#endif
