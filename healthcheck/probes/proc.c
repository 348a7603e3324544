/* Takes apart files of /proc, and pidfiles. */
#include "healthcheck/probes/proc.h"

#include "healthcheck/target/lines.h"

#include <limits.h>
#include <string.h>

enum {
    STATE_CLOSE = 0x07,
    STATE_LISTEN = 0x0a,
    WORDS_TO_INODE = 5, /* from the state on: queues, timer, retransmits, uid, timeouts */
};

/* Takes exactly N hexadecimal digits off the front. */
static bool take_hex(struct span *rest, size_t n, uint32_t *value)
{
    *value = 0;
    if (rest->length < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int digit = hex_digit(rest->at[i]);
        if (digit < 0)
            return false;
        *value = *value << 4 | (uint32_t)digit;
    }
    span_drop(rest, n);
    return true;
}

/* Takes an address of SIZE bytes. Each four bytes are written as a number in the byte order of this machine. */
static bool take_address(struct span *rest, size_t size, struct address *address)
{
    uint32_t group;

    *address = (struct address){ .family = size == 4 ? AF_INET : AF_INET6 };
    for (size_t i = 0; i < size; i += sizeof group) {
        if (!take_hex(rest, 8, &group))
            return false;
        memcpy(address->bytes + i, &group, sizeof group);
    }
    address_unmap(address);
    return true;
}

/* Takes N words and the decimal number behind them; 0 where there is none. */
static uint64_t take_number_behind(struct span *line, int n)
{
    char digits[NUMBER_SIZE];
    struct span word = { NULL, 0 };

    for (int i = 0; i <= n; i++)
        if (!take_word(line, &word))
            return 0;
    int64_t number = number_parse(text_copy(digits, sizeof digits, word.at, word.length), INT64_MAX / 16);
    return number > 0 ? (uint64_t)number : 0;
}

bool proc_socket_parse(struct span line, struct proc_socket *socket)
{
    struct span number, local, remote, state;
    uint32_t port, code;

    if (!take_word(&line, &number) || !take_word(&line, &local) || !take_word(&line, &remote) ||
        !take_word(&line, &state))
        return false;
    const char *colon = memchr(local.at, ':', local.length);
    size_t digits = colon ? (size_t)(colon - local.at) : 0;
    if ((digits != 8 && digits != 32) || !take_address(&local, digits / 2, &socket->address))
        return false;
    span_drop(&local, 1);
    if (!take_hex(&local, 4, &port) || !take_hex(&state, 2, &code))
        return false;
    socket->port = (uint16_t)port;
    socket->state = code == STATE_LISTEN ? SOCKET_LISTENS : code == STATE_CLOSE ? SOCKET_UNCONNECTED : SOCKET_OTHER;
    socket->inode = take_number_behind(&line, WORDS_TO_INODE);
    return true;
}

bool proc_socket_serves(const struct proc_socket *socket, const struct address *address, uint16_t port)
{
    static const struct address all4 = { .family = AF_INET }, all6 = { .family = AF_INET6 };

    if (socket->port != port)
        return false;
    return address_in_network(&socket->address, &all6, 128) ||
           (address->family == AF_INET && address_in_network(&socket->address, &all4, 32)) ||
           address_in_network(&socket->address, address, address->family == AF_INET ? 32 : 128);
}

struct span proc_program(struct span cmdline)
{
    size_t length = strnlen(cmdline.at, cmdline.length);
    const char *slash = memrchr(cmdline.at, '/', length);
    const char *name = slash ? slash + 1 : cmdline.at;

    return (struct span){ name, (size_t)(cmdline.at + length - name) };
}

int proc_pid_parse(struct span text)
{
    struct span word;
    unsigned pid;

    return take_word(&text, &word) && span_number(word, INT_MAX, &pid) ? (int)pid : 0;
}
