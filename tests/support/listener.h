/* TCP servers that answer nobody. */
#ifndef TESTS_LISTENER_H
#define TESTS_LISTENER_H

/* Listens on 127.0.0.1, at the port that is then in *PORT. A descriptor; fails the test where that cannot be. */
int listener_open(int backlog, int *port);

/* One whose backlog is full: a connect to it is neither refused nor accepted. */
struct full_port {
    int fd, fillers[4]; /* the first has a place in the backlog, the others wait for one */
    int port;
};

struct full_port listener_fill(void);

/* Closes all of FULL. */
void listener_drain(struct full_port *full);

#endif
