/* Finds and executes COMMAND: the program that init runs, and that healthcheck becomes after its verdict. */
#ifndef PITH_COMMAND_H
#define PITH_COMMAND_H

#include <stdbool.h>

/*
 * Replaces the process by the program ARGV[0], with the arguments ARGV and with ENVIRONMENT (execve(2)). Both lists end
 * with NULL. Returns only when that fails, and then the errno.
 *
 * A name without a slash is looked up in PATH of ENVIRONMENT, as by execvp(3), with one difference: a failure in one
 * directory never hides a match in a later one. Of several failures, the last that is not "not found" is returned.
 *
 * With SCRIPTS, a file that is neither a program nor a script with `#!` is run by /bin/sh, as by execvp(3) of glibc.
 * For that ARGV[-1] has to be a free place, and while /bin/sh runs the file ARGV[0] is another string, the child's.
 *
 * The function writes to nothing else, so a child that shares its parent's memory (CLONE_VM) may call it.
 */
int command_execute(char *const argv[], char *const environment[], bool scripts);

/*
 * Writes the message about ERROR, which command_execute has returned for ARGV and ENVIRONMENT. It begins with OPTION,
 * where that is not NULL: what has named the program.
 */
void command_explain(const char *option, char *const argv[], char *const environment[], int error);

#endif
