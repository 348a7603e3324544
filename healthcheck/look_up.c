/* Looks names up in the DNS. */
#include "healthcheck/look_up.h"

#include "healthcheck/dns.h"
#include "healthcheck/file.h"
#include "pith/duration.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RESOLV_CONF_SIZE = 8192, QUERY_SIZE = 512, SERVER_PORT = 53, QUESTIONS = 2 };

static const int64_t repeat_after = NS_PER_S;

/* One of the two questions about a name. */
struct question {
    uint16_t type;
    uint16_t id;
    enum dns_answer answer; /* DNS_ALIEN: none yet */
    struct address_list list;
};

/* The look-up of one name. */
struct look_up {
    struct conn *conn;
    size_t server_count;
    struct pollfd servers[DNS_SERVERS_MAX];
    size_t question_count;
    struct question questions[QUESTIONS];
};

static void open_servers(struct look_up *look_up, const struct dns_conf *conf)
{
    look_up->server_count = 0;
    for (size_t i = 0; i < conf->server_count; i++) {
        struct sockaddr_storage storage;
        socklen_t length = address_to_socket(&conf->servers[i], SERVER_PORT, &storage);
        int fd = conn_socket(conf->servers[i].family, SOCK_DGRAM, 0);
        if (fd >= 0 && connect(fd, (struct sockaddr *)&storage, length) == 0)
            look_up->servers[look_up->server_count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
        else if (fd >= 0)
            close(fd);
    }
}

static void close_servers(struct look_up *look_up)
{
    for (size_t i = 0; i < look_up->server_count; i++)
        close(look_up->servers[i].fd);
}

/* Sends the questions that have no answer yet. */
static bool send_questions(const struct look_up *look_up, struct span name)
{
    for (size_t q = 0; q < look_up->question_count; q++) {
        const struct question *question = &look_up->questions[q];
        char bytes[QUERY_SIZE];
        struct text query = { bytes, sizeof bytes, 0 };
        if (question->answer == DNS_FOUND || question->answer == DNS_NOTHING)
            continue;
        if (!dns_query_put(&query, question->id, name, question->type))
            return false;
        for (size_t i = 0; i < look_up->server_count; i++)
            (void)send(look_up->servers[i].fd, bytes, text_fits(&query), MSG_NOSIGNAL);
    }
    return true;
}

/* A failure counts only as long as nobody knows better. */
static void take_answer(struct look_up *look_up, const uint8_t *bytes, size_t length)
{
    for (size_t q = 0; q < look_up->question_count; q++) {
        struct question *question = &look_up->questions[q];
        if (question->answer == DNS_FOUND || question->answer == DNS_NOTHING)
            continue;
        enum dns_answer answer = dns_answer_read(bytes, length, question->id, question->type, &question->list);
        if (answer != DNS_ALIEN)
            question->answer = answer;
    }
}

static void receive(struct look_up *look_up)
{
    uint8_t bytes[DNS_MESSAGE_MAX];

    for (size_t i = 0; i < look_up->server_count; i++) {
        if (!look_up->servers[i].revents)
            continue;
        ssize_t n = recv(look_up->servers[i].fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n > 0)
            take_answer(look_up, bytes, (size_t)n);
    }
}

static bool is_answered(const struct look_up *look_up)
{
    for (size_t q = 0; q < look_up->question_count; q++)
        if (look_up->questions[q].answer != DNS_FOUND && look_up->questions[q].answer != DNS_NOTHING)
            return false;
    return true;
}

/* Asks for NAME until all is answered. False at the deadline. */
static bool ask(struct look_up *look_up, struct span name)
{
    struct conn *conn = look_up->conn;

    while (!is_answered(look_up)) {
        int64_t again = time_add(time_now(), repeat_after), until = again < conn->deadline ? again : conn->deadline;
        if (!send_questions(look_up, name))
            return true;
        while (!is_answered(look_up) && conn_poll(conn, look_up->servers, look_up->server_count, until) > 0)
            receive(look_up);
        if (until == conn->deadline && !is_answered(look_up))
            return false;
    }
    return true;
}

static void reset_questions(struct look_up *look_up, int family)
{
    static const uint16_t types[] = { DNS_TYPE_A, DNS_TYPE_AAAA };

    look_up->question_count = 0;
    for (size_t i = 0; i < QUESTIONS; i++) {
        struct question *question = &look_up->questions[look_up->question_count];
        if (family == (types[i] == DNS_TYPE_A ? AF_INET6 : AF_INET))
            continue;
        question->type = types[i];
        question->answer = DNS_ALIEN;
        question->list.count = 0;
        if (getrandom(&question->id, sizeof question->id, GRND_NONBLOCK) < 0)
            question->id = (uint16_t)time_now();
        look_up->question_count++;
    }
}

static bool collect(struct look_up *look_up)
{
    struct address_list *peers = &look_up->conn->peers;

    for (size_t q = 0; q < look_up->question_count; q++)
        for (size_t i = 0; i < look_up->questions[q].list.count; i++)
            address_add(peers, &look_up->questions[q].list.at[i]);
    return peers->count > 0;
}

/* Tries the name, and the name in the domains of the search list. */
static bool try_candidates(struct look_up *look_up, const struct dns_conf *conf, struct span name, int family,
                           struct result *result)
{
    for (size_t attempt = 0;; attempt++) {
        char bytes[2 * DNS_NAME_MAX];
        struct text candidate = { bytes, sizeof bytes, 0 };
        if (!dns_candidate(conf, name, attempt, &candidate))
            return result_fail(result, "DNS knows no such name", NULL);
        reset_questions(look_up, family);
        bool in_time = ask(look_up, (struct span){ bytes, text_fits(&candidate) });
        if (collect(look_up))
            return true;
        if (!in_time) {
            look_up->conn->error = CONN_DEADLINE;
            return conn_explain(look_up->conn, result);
        }
    }
}

bool look_up(struct conn *conn, struct span name, int family, struct result *result)
{
    char bytes[RESOLV_CONF_SIZE];
    struct text text = { bytes, sizeof bytes, 0 };
    struct look_up look_up;
    struct dns_conf conf;

    if (!file_read("/etc/resolv.conf", &text))
        text.length = 0;
    dns_conf_read((struct span){ bytes, text_fits(&text) }, &conf);
    look_up.conn = conn;
    open_servers(&look_up, &conf);
    bool found = look_up.server_count > 0 ? try_candidates(&look_up, &conf, name, family, result)
                                          : result_fail(result, "no name server can be reached", NULL);
    close_servers(&look_up);
    return found;
}
