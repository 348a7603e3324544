/* Which optional parts this build has: make TLS=0 GRPC=0 SERVICES=0 leaves all of them out. */
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

/* libc's DNS and regular expressions, larger than all the rest: only where the build is not to be a small one. */
#define PITH_DNS   (PITH_TLS || PITH_GRPC || PITH_SERVICES)
#define PITH_REGEX (PITH_TLS || PITH_GRPC || PITH_SERVICES)

#endif
