/* What tests of TLS need: certificates, openssl s_server, and a relay that cuts, holds or spoils what it passes on. */
#ifndef TESTS_TLS_PEER_H
#define TESTS_TLS_PEER_H

#include <pthread.h>
#include <stddef.h>
#include <sys/types.h>

/* Makes the certificates of tests/support/make-certificates in peer_directory. A setup of the group. */
int tls_make_certificates(void **state);

/* The path of one of them: "good.pem", "good.key". In static storage, as peer_path. */
const char *tls_file(const char *name);

/*
 * Starts openssl s_server -www with the certificate and key of NAME and the options up to NULL, and waits for it: its
 * port of 127.0.0.1. tls_stop, a teardown, ends the last one.
 */
int tls_serve(const char *name, ...) __attribute__((sentinel));
int tls_stop(void **state);

enum relay_end { RELAY_HOLD, RELAY_CUT, RELAY_SPOIL, RELAY_FLOOD };

/*
 * Passes one connection on to the server at PORT; what comes back only up to a byte, and then: nothing more comes, the
 * connection is closed, the next byte is wrong and all goes on, or warnings (TLS alerts to ignore) come without end.
 */
struct relay {
    int port;
    size_t bytes; /* of the answer that are passed on */
    enum relay_end end;
    int listener;
    pthread_t thread;
};

/* Starts it: the port it listens on. It serves one connection; relay_stop waits for its end. */
int relay_start(struct relay *relay);
void relay_stop(struct relay *relay);

#endif
