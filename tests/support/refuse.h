/* Makes system calls fail as a seccomp profile does. */
#ifndef TESTS_REFUSE_H
#define TESTS_REFUSE_H

/*
 * From now on system call CALL fails with errno ERROR in this process and in all that it becomes or starts
 * (seccomp(2)), but where its first argument is the pointer SPARED: the exec of the program under test itself.
 * Needs root or no_new_privs; ends the process with status 98 where it is not allowed.
 */
void refuse(int call, int error, const void *spared);

#endif
