/* System calls by their names on amd64: where an architecture has another form alone, they stand for that. */
#ifndef TESTS_CALLS_H
#define TESTS_CALLS_H

#include <sys/syscall.h>

#ifndef SYS_open
#define SYS_open SYS_openat
#endif
#ifndef SYS_access
#define SYS_access SYS_faccessat
#endif
#ifndef SYS_poll
#define SYS_poll SYS_ppoll
#endif
#ifndef SYS_newfstatat
#define SYS_newfstatat SYS_fstatat64
#endif
#ifndef SYS_stat
#define SYS_stat SYS_newfstatat
#endif
#ifndef SYS_readlink
#define SYS_readlink SYS_readlinkat
#endif
#ifndef SYS_unlink
#define SYS_unlink SYS_unlinkat
#endif
#ifndef SYS_renameat
#define SYS_renameat SYS_renameat2
#endif
#ifndef SYS_rename
#define SYS_rename SYS_renameat
#endif
#ifndef SYS_mmap
#define SYS_mmap SYS_mmap2
#endif

#endif
