/* A TCP server's first three calls. */
#ifndef TESTS_LISTENER_H
#define TESTS_LISTENER_H

/* Listens on 127.0.0.1, at the port that is then in *PORT. A descriptor; fails the test where that cannot be. */
int listener_open(int backlog, int *port);

#endif
