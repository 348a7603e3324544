/* The parts that a build can leave out, by `make TLS=0` and so on. Each is 1 or 0, set by the Makefile. */
#ifndef HEALTHCHECK_FEATURES_H
#define HEALTHCHECK_FEATURES_H

#ifndef PITH_TLS
#define PITH_TLS 0
#endif
#ifndef PITH_GRPC /* and HTTP/2, which is gRPC's transport */
#define PITH_GRPC 0
#endif
#ifndef PITH_SERVICES
#define PITH_SERVICES 0
#endif
#ifndef PITH_REGEX /* libc's regular expressions */
#define PITH_REGEX 0
#endif
#ifndef PITH_DNS /* libc's resolver */
#define PITH_DNS 0
#endif
#ifndef PITH_HINTS /* what may be the reason of a failure */
#define PITH_HINTS 0
#endif
#ifndef PITH_EXTRAS /* --json, -o json, --follow, --proxy-protocol, ${file:...}, the allow file, targets of /proc */
#define PITH_EXTRAS 0
#endif
#ifndef PITH_HOLD /* a probe that stays */
#define PITH_HOLD 0
#endif

/* What a password is sent by: hashes, from the library for TLS. Unit tests and fuzzers have them without TLS. */
#ifndef PITH_HASHES
#define PITH_HASHES PITH_TLS
#endif

#if PITH_GRPC && PITH_TLS
#define PITH_GRPC_TLS 1
#else
#define PITH_GRPC_TLS 0
#endif

/* IF(PITH_TLS)(this, that) expands to THIS where the build has the part, else to THAT. The other one is dropped unseen.
 */
#define IF(part)         IF_(part)
#define IF_(part)        IF_##part
#define IF_0(this, that) that
#define IF_1(this, that) this

#endif
