/* A directory of the test program's own under /tmp. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

/* Made on first use, for everybody to read; static storage. Fails the test where it cannot be made. */
const char *scratch_directory(void);

/* A path in there; in static storage until the 16th call from now. */
char *scratch_path(const char *name);

/* For names elsewhere: no other test program that runs has it. Many are PID 1, each in a namespace of its own. */
const char *scratch_word(void);

/* Removes it and all in it. A teardown of the group. */
int scratch_remove(void **state);

#endif
