/* A small HTTP service that shows what a container needs from its init and its probe: it can fail, leave orphans and
 * stop. */
#include "examples/zombies.h"

#include <ctype.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BODY_SIZE = 128, MAX_ORPHANS = 100000, DRAIN_MS = 500, FORK_TRIES = 1000 };

struct app {
    struct MHD_Daemon *daemon;
    bool failing;
    bool stopping;
    bool logs; /* a line for each request */
    int exit_status;
};

/* What a route answers with: an HTTP status and a short text. */
struct reply {
    unsigned status;
    char body[BODY_SIZE];
};

struct route {
    const char *path;
    void (*answer)(struct app *app, struct MHD_Connection *connection, struct reply *reply);
};

static bool parse_number(const char *text, long max, long *number)
{
    char *end;

    errno = 0;
    *number = strtol(text, &end, 10);
    return isdigit((unsigned char)text[0]) && *end == '\0' && errno == 0 && *number <= max;
}

/* Reads ?NAME=NUMBER; false and a 400 when it is missing or not a number from 0 to MAX. */
static bool query_number(struct MHD_Connection *connection, const char *name, long max, long *number,
                         struct reply *reply)
{
    const char *text = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);

    if (text && parse_number(text, max, number))
        return true;
    reply->status = MHD_HTTP_BAD_REQUEST;
    snprintf(reply->body, BODY_SIZE, "%s: a number from 0 to %ld is needed\n", name, max);
    return false;
}

static void answer_hello(struct app *app, struct MHD_Connection *connection, struct reply *reply)
{
    (void)app, (void)connection;
    snprintf(reply->body, BODY_SIZE, "hello from pid %ld\n", (long)getpid());
}

static void answer_health(struct app *app, struct MHD_Connection *connection, struct reply *reply)
{
    (void)connection;
    reply->status = app->failing ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK;
    snprintf(reply->body, BODY_SIZE, "%s\n", app->failing ? "failing" : "ok");
}

static void answer_fail(struct app *app, struct MHD_Connection *connection, struct reply *reply)
{
    (void)connection;
    app->failing = true;
    snprintf(reply->body, BODY_SIZE, "/health fails from now on\n");
}

/* A limit on processes (docker run --pids-limit) counts zombies too, so a full table may be empty a moment later. */
static pid_t fork_patiently(void)
{
    const struct timespec pause = { .tv_nsec = 1000000 };
    pid_t pid = fork();

    for (int tries = FORK_TRIES; pid < 0 && errno == EAGAIN && tries > 0; tries--) {
        nanosleep(&pause, NULL);
        pid = fork();
    }
    return pid;
}

/* Forks a child that forks a grandchild and leaves it to PID 1. */
static bool make_orphan(void)
{
    int status;
    pid_t child = fork_patiently();

    if (child == 0) {
        pid_t grandchild = fork_patiently();
        _exit(grandchild < 0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static void answer_orphans(struct app *app, struct MHD_Connection *connection, struct reply *reply)
{
    long count, made = 0;

    (void)app;
    if (!query_number(connection, "count", MAX_ORPHANS, &count, reply))
        return;
    while (made < count && make_orphan())
        made++;
    reply->status = made == count ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
    snprintf(reply->body, BODY_SIZE, "%ld of %ld orphans made\n", made, count);
}

static void answer_zombies(struct app *app, struct MHD_Connection *connection, struct reply *reply)
{
    int count = zombies_count();

    (void)app, (void)connection;
    if (count < 0) {
        reply->status = MHD_HTTP_SERVICE_UNAVAILABLE;
        snprintf(reply->body, BODY_SIZE, "/proc: %s\n", strerror(errno));
        return;
    }
    snprintf(reply->body, BODY_SIZE, "%d\n", count);
}

static void answer_exit(struct app *app, struct MHD_Connection *connection, struct reply *reply)
{
    long status;

    if (!query_number(connection, "status", 255, &status, reply))
        return;
    app->exit_status = (int)status;
    app->stopping = true;
    snprintf(reply->body, BODY_SIZE, "exiting with status %ld\n", status);
}

static const struct route routes[] = {
    { "/", answer_hello },          { "/health", answer_health },   { "/fail", answer_fail },
    { "/orphans", answer_orphans }, { "/zombies", answer_zombies }, { "/exit", answer_exit },
};

static void answer_by_path(struct app *app, struct MHD_Connection *connection, const char *path, struct reply *reply)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (strcmp(routes[i].path, path) == 0) {
            reply->status = MHD_HTTP_OK;
            routes[i].answer(app, connection, reply);
            return;
        }
    }
    reply->status = MHD_HTTP_NOT_FOUND;
    snprintf(reply->body, BODY_SIZE, "not found\n");
}

/* Every answer closes its connection, so that a stop has no idle ones to wait for. */
static enum MHD_Result send_reply(struct MHD_Connection *connection, struct reply *reply)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(reply->body), reply->body, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    result = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

/* libmicrohttpd calls this once when the headers are in, then for each piece of a body, then once at the end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload, size_t *upload_size,
                                  void **request)
{
    struct app *app = context;
    struct reply reply;

    (void)version, (void)upload;
    if (!*request || *upload_size > 0) {
        *request = app;
        *upload_size = 0;
        return MHD_YES;
    }
    answer_by_path(app, connection, path, &reply);
    if (app->logs)
        printf("%s %s %u\n", method, path, reply.status);
    return send_reply(connection, &reply);
}

static bool bind_and_listen(int fd, const struct addrinfo *address)
{
    const int on = 1, off = 0;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    return bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0;
}

/* A listening socket on numeric HOST; "::" takes IPv4 connections too. Says what is wrong and returns -1 on failure. */
static int listen_on(const char *host, const char *port)
{
    const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
    struct addrinfo *address;
    int error = getaddrinfo(host, port, &hints, &address);

    if (error) {
        fprintf(stderr, "app: BIND=%s PORT=%s: %s\n", host, port, gai_strerror(error));
        return -1;
    }
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool without_ipv6 = fd < 0 && errno == EAFNOSUPPORT && strcmp(host, "::") == 0;
    if (!without_ipv6 && (fd < 0 || !bind_and_listen(fd, address))) {
        fprintf(stderr, "app: BIND=%s PORT=%s: %s\n", host, port, strerror(errno));
        close(fd);
        fd = -1;
    }
    freeaddrinfo(address);
    return without_ipv6 ? listen_on("0.0.0.0", port) : fd;
}

static void print_address(int listener)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char host[64], port[8];

    getsockname(listener, (struct sockaddr *)&address, &size);
    getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    printf("listening on %s port %s\n", host, port);
}

static long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

static int connections(struct MHD_Daemon *daemon)
{
    return (int)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections;
}

/* Waits up to TIMEOUT ms for a connection or a stop signal, and serves. */
static void serve_once(struct app *app, int signals, int timeout)
{
    struct pollfd ready[] = {
        { .fd = MHD_get_daemon_info(app->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, .events = POLLIN },
        { .fd = signals, .events = POLLIN },
    };
    struct signalfd_siginfo info;

    poll(ready, 2, timeout);
    if (read(signals, &info, sizeof info) == sizeof info) {
        printf("stopping: %s\n", strsignal((int)info.ssi_signo));
        app->stopping = true;
    }
    MHD_run(app->daemon);
}

/* Serves until told to stop, then accepts no more and finishes what has begun, for DRAIN_MS at the most. */
static void serve(struct app *app, int signals)
{
    while (!app->stopping)
        serve_once(app, signals, -1);
    close(MHD_quiesce_daemon(app->daemon));
    for (long end = milliseconds() + DRAIN_MS, left = DRAIN_MS; left > 0 && connections(app->daemon) > 0;
         left = end - milliseconds())
        serve_once(app, signals, (int)left);
}

/* A descriptor that is readable when TERM or INT has come. */
static int block_stop_signals(void)
{
    sigset_t stop;

    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    return signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
}

static const char *setting(const char *name, const char *fallback)
{
    const char *value = getenv(name);

    return value && *value ? value : fallback;
}

static bool number_setting(const char *name, const char *fallback, long max, long *number)
{
    const char *text = setting(name, fallback);

    if (parse_number(text, max, number))
        return true;
    fprintf(stderr, "app: %s: '%s' is not a number from 0 to %ld\n", name, text, max);
    return false;
}

int main(void)
{
    struct app app = { .exit_status = 0 };
    int signals = block_stop_signals();
    long status, port;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!number_setting("EXIT_STATUS", "0", 255, &status) || !number_setting("PORT", "8080", 65535, &port))
        return 2;
    app.exit_status = (int)status;
    app.logs = strcmp(setting("ACCESS_LOG", "on"), "off") != 0;
    int listener = listen_on(setting("BIND", "::"), setting("PORT", "8080"));
    if (listener < 0)
        return 1;
    print_address(listener);
    app.daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, &app,
                                  MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_END);
    if (!app.daemon)
        return 1;
    serve(&app, signals);
    MHD_stop_daemon(app.daemon);
    printf("bye\n");
    return app.exit_status;
}
