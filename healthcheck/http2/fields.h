/* The header fields of a request, as HTTP/2 has them (RFC 9113, 8). Pure. */
#ifndef HEALTHCHECK_HTTP2_FIELDS_H
#define HEALTHCHECK_HTTP2_FIELDS_H

#include "healthcheck/target/span.h"

#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stddef.h>

enum { HTTP2_FIELDS_MAX = 80 };

struct http2_fields {
    size_t count;
    nghttp2_nv at[HTTP2_FIELDS_MAX];
};

/* Adds a field, for which there has to be room. The library copies it, and makes its name lower-case. */
void http2_field(struct http2_fields *fields, struct span name, struct span value);

/* How many bytes they count for, beside names and values 32 for each (RFC 9113, 6.5.2). */
size_t http2_fields_size(const struct http2_fields *fields);

/* Whether NAME says something of the connection alone, and so must not stand in HTTP/2 (RFC 9113, 8.2.2). */
bool http2_is_of_connection(struct span name);

#endif
