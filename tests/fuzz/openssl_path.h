/* Whether OpenSSL takes a path of certificates, signatures aside: a second judge beside path.c. */
#ifndef TESTS_FUZZ_OPENSSL_PATH_H
#define TESTS_FUZZ_OPENSSL_PATH_H

#include "healthcheck/tls/der.h"

/*
 * PATH is LENGTH certificates, the server's own first, of which the last is trusted, root or not. Whether they are good
 * for a server called HOST at NOW, s since 1970; else *WHY says what is wrong: a static string. A path with a key that
 * OpenSSL cannot read is not judged, but taken: nothing could be signed with it.
 */
bool openssl_takes(const struct der path[], size_t length, const char *host, int64_t now, const char **why);

#endif
