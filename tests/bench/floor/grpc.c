/*
 * The least probe of gRPC's health protocol on nghttp2: asks 127.0.0.1, port argv[1], and wants SERVING and status 0.
 * With CONFINED defined it gives up what pith gives up.
 */
#ifdef CONFINED
#include "healthcheck/sys/sandbox.h"
#endif

#include <netinet/in.h>
#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE_SIZE = 5, BUFFER_SIZE = 4096 };

#define FIELD(name, value)                                                                                             \
    {                                                                                                                  \
        (uint8_t *)(uintptr_t)(name), (uint8_t *)(uintptr_t)(value), sizeof(name) - 1, sizeof(value) - 1, 0            \
    }

static bool serving, over;

static nghttp2_ssize put_message(nghttp2_session *session, int32_t stream, uint8_t *bytes, size_t size, uint32_t *flags,
                                 nghttp2_data_source *source, void *user)
{
    (void)session, (void)stream, (void)size, (void)source, (void)user;
    memset(bytes, 0, MESSAGE_SIZE); /* one of no service: a flag and a length */
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return MESSAGE_SIZE;
}

static int take_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t length,
                     void *user)
{
    (void)session, (void)flags, (void)stream, (void)user;
    serving = length == MESSAGE_SIZE + 2 && memcmp(bytes, "\0\0\0\0\2\x08\1", length) == 0;
    return 0;
}

static int take_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_length,
                       const uint8_t *value, size_t value_length, uint8_t flags, void *user)
{
    (void)session, (void)frame, (void)flags, (void)user;
    if (name_length == sizeof "grpc-status" - 1 && memcmp(name, "grpc-status", name_length) == 0)
        over = value_length == 1 && *value == '0';
    return 0;
}

static int dial(unsigned port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                   .sin_port = htons((unsigned short)port) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    return connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static nghttp2_session *make_call(const char *authority)
{
    const nghttp2_settings_entry settings[] = { { NGHTTP2_SETTINGS_ENABLE_PUSH, 0 } };
    const nghttp2_data_provider2 provider = { .read_callback = put_message };
    nghttp2_nv fields[] = {
        FIELD(":method", "POST"),         FIELD(":scheme", "http"), FIELD(":path", "/grpc.health.v1.Health/Check"),
        FIELD(":authority", ""),          FIELD("te", "trailers"),  FIELD("content-type", "application/grpc"),
        FIELD("grpc-timeout", "2000000u")
    };
    nghttp2_session_callbacks *callbacks;
    nghttp2_session *session;

    fields[3].value = (uint8_t *)(uintptr_t)authority;
    fields[3].valuelen = strlen(authority);
    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return NULL;
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, take_data);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, take_header);
    if (nghttp2_session_client_new(&session, callbacks, NULL) != 0)
        return NULL;
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, 1);
    nghttp2_submit_request2(session, NULL, fields, sizeof fields / sizeof fields[0], &provider, NULL);
    return session;
}

/* All frames that there are, at once. */
static bool flush(nghttp2_session *session, int fd)
{
    uint8_t bytes[BUFFER_SIZE];
    const uint8_t *frame;
    nghttp2_ssize n, length = 0;

    while ((n = nghttp2_session_mem_send2(session, &frame)) > 0 && length + n <= BUFFER_SIZE) {
        memcpy(bytes + length, frame, (size_t)n);
        length += n;
    }
    return length == 0 || send(fd, bytes, (size_t)length, MSG_NOSIGNAL) == length;
}

int main(int argc, char *argv[])
{
    char authority[32];
    uint8_t bytes[BUFFER_SIZE];

    if (argc < 2)
        return 2;
    snprintf(authority, sizeof authority, "127.0.0.1:%s", argv[1]);
#ifdef CONFINED
    sandbox_enter(false);
#endif
    nghttp2_session *session = make_call(authority);
    int fd = dial((unsigned)atoi(argv[1]));
#ifdef CONFINED
    sandbox_seal();
#endif
    while (session && !over) {
        ssize_t n = flush(session, fd) ? recv(fd, bytes, sizeof bytes, 0) : 0;
        if (n <= 0 || nghttp2_session_mem_recv2(session, bytes, (size_t)n) != n)
            return 1;
    }
    return serving && write(STDOUT_FILENO, "ok\n", 3) == 3 ? 0 : 1;
}
