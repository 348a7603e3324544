/* Runs healthcheck in every way. */
#include "support/tour.h"

#include "support/nameserver.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/script.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <sys/mount.h>
#include <sys/stat.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct script_step ok[] = { { .verb = SCRIPT_READ },
                                         { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 200 OK\r\n\r\n{\"a\":1}" },
                                         { .verb = SCRIPT_END } };
static const struct script_step pong[] = { { .verb = SCRIPT_SEND, .bytes = "+PONG\r\n" }, { .verb = SCRIPT_END } };
static const struct script_step silence[] = { { .verb = SCRIPT_HOLD }, { .verb = SCRIPT_END } };
static struct script_server http, redis, silent, http_socket, redis_socket;

static struct nameserver dns;

/* An answer that has to be asked for by TCP. */
static size_t answer(uint8_t *message, size_t length, bool tcp)
{
    (void)length;
    return tcp ? nameserver_rcode(message, 0) : nameserver_truncated(message);
}

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_true(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* An /etc of our own, whose list of hosts a probe that another user runs may read, and a group write. */
static void make_etc(void)
{
    assert_int_equal(mount("tmpfs", "/etc", "tmpfs", 0, "mode=755"), 0);
    assert_int_equal(mkdir("/etc/healthcheck", 0755), 0);
    put_file("/etc/healthcheck/allow", "*.example.com:80\n192.0.2.1:80\n");
    assert_int_equal(chmod("/etc/healthcheck/allow", 0664), 0);
    put_file("/etc/hosts", "127.0.0.1 app\n");
    put_file("/etc/resolv.conf", "nameserver 127.0.0.1\n");
}

static void export_port(const char *variable, int port)
{
    setenv(variable, format("%d", port), 1);
}

static void export_socket(const char *variable, struct script_server *server, const struct script_step *steps)
{
    script_start_unix(server, steps);
    setenv(variable, strrchr(server->path, '/') + 1, 1);
}

int tour_start(void **state)
{
    if (tls_make_certificates(state) != 0)
        return -1;
    script_start(&http, "127.0.0.1", ok);
    script_start(&redis, "127.0.0.1", pong);
    script_start(&silent, "127.0.0.1", silence);
    export_port("TLS", tls_serve("good", NULL));
    export_port("HTTP", http.port);
    export_port("REDIS", redis.port);
    export_port("SILENT", silent.port);
    nameserver_start(&dns, "127.0.0.1", 0, answer);
    export_port("DNS", dns.port);
    export_socket("HTTP_SOCKET", &http_socket, ok);
    export_socket("REDIS_SOCKET", &redis_socket, pong);
    setenv("CA", tls_file("ca.pem"), 1);
    make_etc();
    return chmod(peer_directory(), 0777); /* for what the probe of another user writes */
}

int tour_stop(void **state)
{
    script_stop(&http);
    script_stop(&redis);
    script_stop(&silent);
    nameserver_stop(&dns);
    script_stop(&http_socket);
    script_stop(&redis_socket);
    return tls_stop(state) | peer_clean(state);
}

/* Beside each kind of target: each option, and what only some targets make a probe do. */
static const char *const commands[] = {
    "$HC -v -ojson http://localhost:$HTTP/ --json=a=1 --body-contains=a --body-regex='\"(a|b)+' --follow "
    "--max-latency=1s",
    "$HC --user=a:b -H 'A: b' -mHEAD -s200 --readiness http://127.0.0.1:$HTTP/ http://127.0.0.1:$HTTP/ -- true",
    "$HC -q http://127.0.0.1:$HTTP/ -- /no/such",
    "$HC --http2 http://127.0.0.1:$HTTP/ -b ok",
    "$HC --http2 -k https://127.0.0.1:$TLS",
    "$HC --proxy-protocol http://127.0.0.1:$HTTP/ redis://127.0.0.1:$REDIS",
    "$HC --any -4 tcp://127.0.0.1:$HTTP tcp://127.0.0.1:1",
    "$HC --any -t200ms tcp://127.0.0.1:$SILENT redis://127.0.0.1:$SILENT tcp://127.0.0.1:$HTTP",
    "$HC -t200ms redis://127.0.0.1:$SILENT",
    "$HC -w200ms -i50ms tcp://127.0.0.1:1",
    "$HC -v --hold=100ms --hold-state=/etc -i50ms tcp://127.0.0.1:$HTTP redis://127.0.0.1:$REDIS",
    "$HC -v --hold=100ms --hold-state=/etc -i50ms tcp://127.0.0.1:$HTTP redis://127.0.0.1:$REDIS",
    "$HC -w200ms -i50ms -k tls://127.0.0.1:$HTTP redis://127.0.0.1:$REDIS https://127.0.0.1:1",
    "$HC --cacert=$CA --cert=${CA%ca.pem}good.pem --key=${CA%ca.pem}good.key --tls-min-days=1 tls://localhost:$TLS",
    "$HC --cacert=$CA --servername=localhost https://127.0.0.1:$TLS",
    "$HC https://localhost:$TLS",
    "$HC -t300ms http://db.example.com/",
    "$HC -t300ms http://a.example.com/ grpc://b.example.com:80",
    "$HC -t300ms http://192.0.2.1/",
    "$HC http://192.0.2.2/ http://app:$HTTP/ http://nobody/",
    "$HC --wait=50ms tcp://[::1%lo]:1 tcp://[::1%no]:1",
    "setpriv --reuid=65532 --regid=65532 --clear-groups $HC -t200ms http://192.0.2.1/ http://c.example.com/",
    "$HC \"file:///etc/hosts?max-age=1h\" file:///no/such process://sh pidfile:///etc/hosts listen://127.0.0.1:$HTTP "
    "listen+udp://127.0.0.1:$DNS",
    "$HC tcp://127.0.0.1:$REDIS?expect=%2BPONG unix:///tmp/$REDIS_SOCKET?expect=-ERR",
    "$HC -t200ms tcp://127.0.0.1:$SILENT?expect=220",
    "$HC -t200ms dns://localhost:1 dns://127.0.0.1:$DNS",
    "$HC -t200ms dns://192.0.2.1:80/a",
    "$HC unix:///no/such http+unix://%2Fno%2Fsuch/ unix://@abstract",
    "$HC --no-such-option",
    "$HC no://such",
    "$HC --help",
    "$HC --version",
    "$HC --license",
    "$HC --list-probes",
    "$HC --install=/mnt",
};

static bool is_among(const char *kind, const char *kinds)
{
    return strstr(kinds, format(" %s ", kind)) != NULL;
}

/* A target of the kind, which may be over TLS, for the shell: at a server that answers at once, if not always as the
 * kind does. */
static const char *target_of(const char *kind, bool tls)
{
    bool speaks_http = strncmp(kind, "http", 4) == 0 || strncmp(kind, "grpc", 4) == 0;

    if (strcmp(kind, "process") == 0)
        return "process://sh";
    if (is_among(kind, " file pidfile "))
        return format("%s:///etc/hosts", kind);
    if (strcmp(kind, "dns") == 0)
        return "dns://127.0.0.1:$DNS/a";
    if (strcmp(kind, "unix") == 0)
        return "unix:///tmp/$REDIS_SOCKET";
    if (strstr(kind, "+unix"))
        return format("%s://%%2Ftmp%%2F$%s_SOCKET/", kind, speaks_http ? "HTTP" : "REDIS");
    return format("%s://127.0.0.1:$%s", kind, tls ? "TLS" : speaks_http ? "HTTP" : "REDIS");
}

void tour_schemes(void (*visit)(const char *scheme, bool tls, void *context), void *context)
{
    static const char *const forms[] = { "", "s", "+unix", "s+unix" };
    char *kinds = strdup(probe("--list-probes", NULL)->out), *rest = kinds, kind[32];
    size_t count = 0;

    for (char *line; (line = strsep(&rest, "\n")) && sscanf(line, "%31s", kind) == 1; count++) {
        char *bracket = strchr(kind, '[');
        if (bracket)
            *bracket = '\0';
        for (size_t i = 0; i < (bracket ? COUNT(forms) : 1); i++)
            visit(format("%s%s", kind, forms[i]), forms[i][0] == 's' || strcmp(kind, "tls") == 0, context);
    }
    free(kinds);
    assert_true(count > 10);
}

/* A scheme alone, and confined beside another target. */
static void tour_scheme(const char *scheme, bool tls, void *visit_)
{
    void (**visit)(const char *command) = visit_;

    (*visit)(format("$HC -k %s", target_of(scheme, tls)));
    (*visit)(format("$HC -k %s file:///", target_of(scheme, tls)));
}

void tour(void (*visit)(const char *command), const char *timeout)
{
    setenv("HEALTHCHECK_TIMEOUT", timeout, 1);
    tour_schemes(tour_scheme, &visit);
    for (size_t i = 0; i < COUNT(commands); i++)
        visit(commands[i]);
}
