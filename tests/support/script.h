/* Servers on raw sockets that do what no well-behaved server can be made to do: each answers every connection by a
 * script. */
#ifndef TESTS_SCRIPT_H
#define TESTS_SCRIPT_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

enum script_verb {
    SCRIPT_END,    /* closes the connection (FIN); a script that ends does it, too */
    SCRIPT_READ,   /* reads up to the empty line of a request, or the end of the connection */
    SCRIPT_SEND,   /* sends the bytes */
    SCRIPT_REPEAT, /* sends the bytes again and again until the peer is gone */
    SCRIPT_PAUSE,  /* waits `ms`, or until the peer is gone */
    SCRIPT_DRIP,   /* sends the bytes one by one, `ms` apart, until the peer is gone */
    SCRIPT_HOLD,   /* waits until the peer is gone */
    SCRIPT_RESET,  /* closes the connection by RST */
};

struct script_step {
    enum script_verb verb;
    const char *bytes;
    size_t length; /* 0: that of the C string */
    int ms;
};

/* HTTP: reads a request, and answers 200; or 503. */
extern const struct script_step script_ok[], script_sorry[];

enum { SCRIPT_STEPS_MAX = 12, SCRIPT_LOG_MAX = 65536 };

/* Serves one connection after the other, on a thread. */
struct script_server {
    struct script_step steps[SCRIPT_STEPS_MAX];
    int fd;
    uint16_t port;           /* of TCP */
    char path[108];          /* of a Unix socket */
    atomic_uint connections; /* that were accepted */
    atomic_bool stopping;
    pthread_t thread;
    pthread_mutex_t lock;     /* holds `log` */
    char log[SCRIPT_LOG_MAX]; /* what SCRIPT_READ read, terminated */
};

/* Listens on ADDRESS ("127.0.0.1", "::1") and a free port. STEPS end with SCRIPT_END. Ends the program where it fails.
 */
void script_start(struct script_server *server, const char *address, const struct script_step *steps);

/* The same on PORT. */
void script_start_port(struct script_server *server, const char *address, uint16_t port,
                       const struct script_step *steps);

/* The same on a new Unix socket whose path is in server->path. */
void script_start_unix(struct script_server *server, const struct script_step *steps);

/* Ends the thread and closes everything. */
void script_stop(struct script_server *server);

/* What requests came so far: a copy in static storage. */
const char *script_log(struct script_server *server);

/*
 * A port of ADDRESS that nothing listens on. It stays bound until this program ends, so that nobody else is given it.
 * A server that sets SO_REUSEADDR can listen on it all the same.
 */
uint16_t script_free_port(const char *address);

#endif
