/* Figures that are held: what was measured may be so much, and how it is said when it is more. */
#ifndef BUDGETS_BUDGET_H
#define BUDGETS_BUDGET_H

/* Fails the test, naming WHAT, where MEASURED is more than BUDGET; prints both in any case. */
void budget_hold(const char *what, long measured, long budget);

/* The same for KIB of the binary that a run maps, a page more for a newer compiler's code; the cure is another: where
 * the code lies in the file. */
void budget_hold_pages(long kib, long budget);

/* A file of the build: the variable's value, else the path below. */
const char *budget_file(const char *variable, const char *path);

/* A floor program of the bench: a copy in scratch_directory, which any user can run. */
const char *budget_floor(const char *name);

/* Also for what depends on the compiler: a newer one may take a tenth more, other processors a third. */
void budget_hold_code(const char *what, long measured, long budget);

/* Holds the size in bytes of the file at PATH, as budget_hold_code. */
void budget_hold_size(const char *path, long bytes);

/* Waits until PID sleeps. */
void budget_await_sleep(int pid);

#endif
