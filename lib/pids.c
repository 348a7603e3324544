/* Walks over the processes that /proc shows. */
#include "pith/pids.h"

#include "pith/text.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As getdents64(2) writes it. */
struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

pid_t pids_next(struct pids *pids)
{
    for (;;) {
        if (pids->at >= pids->length) {
            pids->at = 0;
            pids->length = syscall(SYS_getdents64, pids->proc, pids->entries, sizeof pids->entries);
            if (pids->length <= 0)
                return 0;
        }
        const struct entry *entry = (const struct entry *)(const void *)(pids->entries + pids->at);
        pids->at += entry->length;
        pid_t pid = (pid_t)number_parse(entry->name, INT32_MAX);
        if (pid > 0)
            return pid;
    }
}
