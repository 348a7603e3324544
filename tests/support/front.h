/* haproxy in front of a server that speaks plain TCP: the same server over TLS and over Unix sockets. */
#ifndef TESTS_FRONT_H
#define TESTS_FRONT_H

/*
 * Starts it in front of PORT of 127.0.0.1, and waits for it. It needs the certificates of tls_make_certificates.
 * front_stop, a teardown, ends it.
 */
void front_start(int port);
int front_stop(void **state);

/* The server as a target: KIND, and FORM, which is "s", "+unix" or "s+unix". In static storage, as peer_text. */
const char *front_target(const char *kind, const char *form);

/* Probes the server by KIND in each of these forms, and fails the test unless all are healthy and say SAYS. */
void front_expect(const char *kind, const char *says);

#endif
