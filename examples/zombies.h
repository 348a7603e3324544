/* How many zombies the PID namespace holds: what the demo application answers and the demo checks. */
#ifndef EXAMPLES_ZOMBIES_H
#define EXAMPLES_ZOMBIES_H

/* Counts the processes of /proc in state Z; -1 with errno set where there is no /proc. */
int zombies_count(void);

#endif
