/* Which optional parts this build has: make TLS=0 GRPC=0 SERVICES=0 leaves them out. */
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

#endif
