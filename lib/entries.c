/* Reads the names in a folder. */
#include "pith/entries.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What getdents64(2) writes. */
struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

const char *entries_next(struct entries *entries)
{
    if (entries->at >= entries->length) {
        entries->at = 0;
        entries->length = syscall(SYS_getdents64, entries->folder, entries->bytes, sizeof entries->bytes);
        if (entries->length <= 0)
            return NULL;
    }
    const struct entry *entry = (const struct entry *)(const void *)(entries->bytes + entries->at);
    entries->at += entry->length;
    return entry->name;
}
