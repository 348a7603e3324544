/*
 * Asks libc's resolver for addresses, on a thread for each family.
 *
 * getaddrinfo(3) asks for both families together, and returns when both have answered. Where a name server is silent
 * about IPv6, as some are, that takes ten seconds. So each family is asked apart (RFC 8305, 3).
 */
#include "healthcheck/net/lookup.h"

#include "healthcheck/features.h"

#if PITH_DNS

#include "healthcheck/sys/descriptor.h"
#include "healthcheck/sys/memory.h"
#include "healthcheck/target/target.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 50, /* how long one family is waited for when the other has an address (RFC 8305, 3) */
    STACK_SIZE = 131072,
    THREADS_MAX = 16, /* a thread that gets no answer lives for ten seconds: tries of --wait must not pile them up */
};

/* The question for the addresses of one family, and its answer. */
struct question {
    struct lookup *lookup;
    int family;
    int error; /* as of getaddrinfo(3) */
    struct address_list list;
    atomic_bool done;
};

/* A look-up. Several threads work on it, and the last one to leave frees it. */
struct lookup {
    char name[HOST_NAME_MAX_LENGTH + 1];
    struct question questions[2]; /* IPv6 first */
    int answered;                 /* an eventfd(2) that is written to with each answer */
    atomic_uint users;            /* how many threads work on it */
};

static atomic_uint threads; /* that are at work, of all look-ups */

/*
 * Stands in for libc's bind(2), which the resolver calls for any address and port. The kernel chooses both anyhow when
 * it sends. So no probe makes that system call, and the sandbox can refuse it: a Unix socket's file, or a port, could
 * be made by it.
 */
#ifndef __GLIBC__ /* unit tests are linked with glibc, which keeps its own */
int bind(int fd, const struct sockaddr *address, socklen_t length)
{
    (void)fd, (void)address, (void)length;
    return 0;
}
#endif

/* The address in a socket address (sockaddr(3type)). */
static struct address from_socket(const struct sockaddr *socket)
{
    const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)socket;
    const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)socket;
    struct address address = { .family = socket->sa_family };

    if (address.family == AF_INET) {
        memcpy(address.bytes, &ipv4->sin_addr, 4);
    } else {
        memcpy(address.bytes, &ipv6->sin6_addr, 16);
        address.scope = ipv6->sin6_scope_id;
    }
    return address;
}

/* Asks for the addresses of one family. Returns 0, or the error of getaddrinfo(3). */
static int ask_family(const char *name, int family, struct address_list *list)
{
    const struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found;
    int error = getaddrinfo(name, NULL, &hints, &found);

    if (error)
        return error;
    for (const struct addrinfo *at = found; at; at = at->ai_next) {
        struct address address = from_socket(at->ai_addr);
        address_add(list, &address);
    }
    freeaddrinfo(found);
    return 0;
}

static bool explain(int error, struct result *result)
{
    return result_fail(result,
                       error == EAI_NONAME   ? "DNS knows no such name"
                       : error == EAI_NODATA ? "DNS knows no address of this name"
                       : error == EAI_AGAIN  ? "DNS gives no good answer"
                                             : "DNS has failed",
                       NULL);
}

static void lookup_leave(struct lookup *lookup)
{
    if (atomic_fetch_sub(&lookup->users, 1) > 1)
        return;
    close(lookup->answered);
    memory_free(lookup, sizeof *lookup);
}

static void *answer(void *question_)
{
    struct question *question = question_;
    struct lookup *lookup = question->lookup;

    question->error = ask_family(lookup->name, question->family, &question->list);
    atomic_store(&question->done, true);
    eventfd_write(lookup->answered, 1);
    lookup_leave(lookup);
    atomic_fetch_sub(&threads, 1);
    return NULL;
}

/* Has QUESTION asked on a thread of its own. False where there can be none. */
static bool start(struct question *question)
{
    pthread_attr_t attributes;
    pthread_t thread;

    if (atomic_fetch_add(&threads, 1) >= THREADS_MAX) {
        atomic_fetch_sub(&threads, 1);
        return false;
    }
    atomic_fetch_add(&question->lookup->users, 1);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    bool started = pthread_create(&thread, &attributes, answer, question) == 0;
    pthread_attr_destroy(&attributes);
    if (!started) {
        atomic_fetch_sub(&question->lookup->users, 1);
        atomic_fetch_sub(&threads, 1);
    }
    return started;
}

/* Asks on a thread of its own, or on this one where there can be none. The latter takes longer if nobody answers. */
static void ask_question(struct question *question)
{
    if (start(question))
        return;
    question->error = ask_family(question->lookup->name, question->family, &question->list);
    atomic_store(&question->done, true);
}

static bool has_answer(struct question *question)
{
    return atomic_load(&question->done) && question->list.count > 0;
}

/* Waits for both answers, or for one that has an address and then a little longer for the other. */
static void wait_for(struct lookup *lookup)
{
    struct question *both = lookup->questions;
    struct pollfd answered = { .fd = lookup->answered, .events = POLLIN };
    eventfd_t count;

    while (!(atomic_load(&both[0].done) && atomic_load(&both[1].done))) {
        bool enough = has_answer(&both[0]) || has_answer(&both[1]);
        int n = poll(&answered, 1, enough ? PATIENCE_MS : -1);
        if (n == 0 || (n < 0 && errno != EINTR))
            return;
        if (n > 0)
            eventfd_read(lookup->answered, &count);
    }
}

static int error_of(struct question *question)
{
    return atomic_load(&question->done) ? question->error : EAI_AGAIN;
}

/* Adds the addresses of those that have answered, one of each family in turn. */
static bool collect_answers(struct lookup *lookup, struct address_list *list, struct result *result)
{
    struct question *both = lookup->questions;
    bool got[2] = { has_answer(&both[0]), has_answer(&both[1]) };

    if (!got[0] && !got[1])
        return explain(error_of(&both[0]) == EAI_AGAIN ? EAI_AGAIN : error_of(&both[1]), result);
    for (size_t i = 0; i < ADDRESSES_MAX; i++)
        for (size_t f = 0; f < 2; f++)
            if (got[f] && i < both[f].list.count)
                address_add(list, &both[f].list.at[i]);
    return true;
}

static struct lookup *lookup_new(struct span host)
{
    struct lookup *lookup = memory_get(sizeof *lookup);

    if (!lookup)
        return NULL;
    text_copy(lookup->name, sizeof lookup->name, host.at, host.length);
    lookup->users = 1;
    lookup->questions[0] = (struct question){ .lookup = lookup, .family = AF_INET6 };
    lookup->questions[1] = (struct question){ .lookup = lookup, .family = AF_INET };
    lookup->answered = descriptor_raise(eventfd(0, EFD_CLOEXEC));
    if (lookup->answered >= 0)
        return lookup;
    memory_free(lookup, sizeof *lookup);
    return NULL;
}

bool lookup_name(struct span host, int family, struct address_list *list, struct result *result)
{
    char name[HOST_NAME_MAX_LENGTH + 1];

    if (family != AF_UNSPEC) {
        int error = ask_family(text_copy(name, sizeof name, host.at, host.length), family, list);
        return error ? explain(error, result) : true;
    }
    struct lookup *lookup = lookup_new(host);
    if (!lookup)
        return result_fail(result, "out of memory or descriptors", NULL);
    ask_question(&lookup->questions[0]);
    ask_question(&lookup->questions[1]);
    wait_for(lookup);
    bool found = collect_answers(lookup, list, result);
    lookup_leave(lookup);
    return found;
}

#else

bool lookup_name(struct span host, int family, struct address_list *list, struct result *result)
{
    (void)host, (void)family, (void)list;
    return result_refuse(result, "needs DNS, which this build lacks", NULL);
}

#endif
