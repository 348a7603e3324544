/* The parts of this build: make TLS=0 GRPC=0 SERVICES=0 REGEX=0 DNS=0 leaves all of them out. */
#ifndef HEALTHCHECK_FEATURES_H
#define HEALTHCHECK_FEATURES_H

#ifndef PITH_TLS
#define PITH_TLS 0
#endif
#ifndef PITH_GRPC
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

#if PITH_GRPC && PITH_TLS
#define PITH_GRPC_TLS 1
#else
#define PITH_GRPC_TLS 0
#endif

/* IF(PITH_TLS)(this, that): THIS with the part, else THAT, and the other one is not even named. */
#define IF(part)         IF_(part)
#define IF_(part)        IF_##part
#define IF_0(this, that) that
#define IF_1(this, that) this

#endif
