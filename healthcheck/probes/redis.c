/* redis, and what speaks its protocol: whether PING is answered by PONG. */
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"

#include <string.h>

/* Whether an error comes from a server that works: it only wants a login, or does not permit PING to this user. */
static bool is_alive(const char *word)
{
    return strcmp(word, "NOAUTH") == 0 || strcmp(word, "NOPERM") == 0;
}

enum reply redis_judge(const uint8_t *bytes, size_t length, struct result *result)
{
    ptrdiff_t line = reply_line(bytes, length);
    char word[REPLY_WORD_SIZE];

    if (bytes[0] != '+' && bytes[0] != '-')
        return REPLY_BAD;
    if (line < 0)
        return REPLY_PARTIAL;
    reply_word(bytes + 1, (size_t)line - 1, word);
    if (bytes[0] == '+' ? line == 5 && strcmp(word, "PONG") == 0 : is_alive(word))
        result_ok(result, word, NULL);
    else if (bytes[0] == '-' && word[0])
        result_fail(result, "answered ", word, NULL);
    else
        return REPLY_BAD;
    return REPLY_COMPLETE;
}

const char *redis_check(struct target *target, struct span *what)
{
    *what = target->path;
    return target->path.length > 1 && !span_is(target->path, "/0") ? "is more than this kind of target takes" : NULL;
}

void probe_redis(struct probe *probe)
{
    /* RESP arrays and not inline commands, which proxies do not know. After QUIT it is the server that closes. */
    static const char ping[] = "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n";
    struct dialogue dialogue;

    dialogue_begin(&dialogue, probe);
    conn_phase(&probe->conn, "waiting for PONG");
    if (dialogue_ask(&dialogue, ping, sizeof ping - 1, redis_judge))
        dialogue_leave(&dialogue, NULL, 0);
}
