/* Collects the header fields of a request. */
#include "healthcheck/http2/fields.h"

void http2_field(struct http2_fields *fields, struct span name, struct span value)
{
    fields->at[fields->count++] = (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name.at,
                                                .namelen = name.length,
                                                .value = (uint8_t *)(uintptr_t)value.at,
                                                .valuelen = value.length };
}

size_t http2_fields_size(const struct http2_fields *fields)
{
    enum { OVERHEAD = 32 };
    size_t size = 0;

    for (size_t i = 0; i < fields->count; i++)
        size += fields->at[i].namelen + fields->at[i].valuelen + OVERHEAD;
    return size;
}

bool http2_is_of_connection(struct span name)
{
    static const char *const names[] = {
        "TE", "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "HTTP2-Settings"
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (span_is(name, names[i]))
            return true;
    return false;
}
