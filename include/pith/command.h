/* COMMAND, found and executed. */
#ifndef PITH_COMMAND_H
#define PITH_COMMAND_H

#include <stdbool.h>

/*
 * Becomes ARGV[0] with these arguments and ENVIRONMENT, whose PATH it is looked up in where it has no slash, as
 * execvp(3) does, but no failure in one directory hides a match in a later one. Returns only when it fails, with the
 * errno. Changes nothing else: it is for a child that shares memory, too.
 *
 * With SCRIPTS, as execvp(3) of glibc, it hands what is neither a program nor a script with #! to /bin/sh, where there
 * is one. ARGV then has a place before it that is free, and where that succeeds ARGV[0] is another string, the child's.
 */
int command_execute(char *const argv[], char *const environment[], bool scripts);

/* The message about that errno. */
void command_explain(char *const argv[], char *const environment[], int error);

#endif
