/* Asks by UDP: one datagram to one of several addresses, and one back. */
#ifndef HEALTHCHECK_NET_DATAGRAM_H
#define HEALTHCHECK_NET_DATAGRAM_H

#include "healthcheck/net/conn.h"
#include "healthcheck/result.h"
#include "healthcheck/target/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DATAGRAM_MAX = 4096 }; /* what is longer is cut */

/* Is given a datagram that a peer has sent, and ARGUMENT. Returns whether it is the answer; if not, the wait goes on.
 */
typedef bool datagram_judge(void *argument, const uint8_t *bytes, size_t length);

/*
 * Sends QUESTION to PORT of one of conn->peers, until JUDGE takes an answer or the deadline has come. The peers are
 * asked in turn, as one that does not answer must not keep the others from being asked. A peer that is silent is asked
 * again, as datagrams get lost, at ever longer intervals. conn->peers is then the one that has answered, alone.
 *
 * Each peer has a socket of its own, which is connected: the kernel passes on nothing from others. No datagram leaves
 * this container for a peer that the allow file does not list. conn->fd stays -1. The process is not sealed
 * (conn_seal), as an answer may have to be asked for by TCP. False with the reason in *RESULT.
 */
bool datagram_ask(struct conn *conn, uint16_t port, struct span question, datagram_judge *judge, void *argument,
                  struct result *result);

#endif
