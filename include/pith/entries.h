/* Reads the names in a folder, without a heap. */
#ifndef PITH_ENTRIES_H
#define PITH_ENTRIES_H

/* A walk over a folder. The caller sets `folder`, a descriptor that it opens and closes, and `at` and `length` to 0. */
struct entries {
    int folder;
    long at, length; /* bytes that were looked at, and that there are */
    _Alignas(8) char bytes[2048];
};

/*
 * The next name, which lives until the next call; `.` and `..` are among them. NULL when there is none left, or where
 * the folder cannot be read: `length` is less than 0 then, with errno.
 */
const char *entries_next(struct entries *entries);

#endif
