/*
 * What the gate takes for an address of this container's: addresses read, shown and classified, compared with the
 * numbers that RFC 4291 and RFC 6890 have.
 */
#include "healthcheck/target/address.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/prove.h"

typedef unsigned __int128 uint128;

/* The address as a number: 32 bits, or 128. */
static uint128 number_of(const struct address *address)
{
    uint128 number = 0;

    for (int i = 0; i < (address->family == AF_INET ? 4 : 16); i++)
        number = number << 8 | address->bytes[i];
    return number;
}

static bool is_mapped(const struct address *address)
{
    return address->family == AF_INET6 && number_of(address) >> 32 == 0xffff;
}

static struct address any_address(void)
{
    struct address address;

    assume(address.family == AF_INET || address.family == AF_INET6);
    return address;
}

/*
 * PROVES   Loopback is 127.0.0.0/8 and ::1, and nothing else.
 * FOR      every address
 * BREAKS   healthcheck/target/address.c: address->bytes[0] == 127 => address->bytes[0] >= 127
 */
void proof_loopback(void)
{
    struct address address = any_address();
    uint128 number = number_of(&address);

    prove(address_is_loopback(&address) == (address.family == AF_INET ? number >> 24 == 127 : number == 1),
          "it is loopback where its number is");
}

/*
 * PROVES   An address is in a network where the families and the first bits are equal.
 * FOR      every address, network and number of bits
 * BREAKS   healthcheck/target/address.c: 0xffu << (8 - bits % 8) & 0xff => 0xffu >> bits % 8
 * BREAKS   healthcheck/target/address.c: || bits > address_length(address) * 8 =>
 */
void proof_network(void)
{
    struct address address = any_address(), network = any_address();
    unsigned bits, length = address.family == AF_INET ? 32 : 128;
    uint128 differ = number_of(&address) ^ number_of(&network);
    bool same = bits <= length && (bits == 0 || differ >> (length - bits) == 0);

    prove(address_in_network(&address, &network, bits) == (address.family == network.family && same),
          "it is in the network where its number is");
}

/*
 * PROVES   An IPv4 address in the form of an IPv6 one (::ffff:a.b.c.d) is held as IPv4, every other stays what it
 *          is, and an unspecified one becomes that of loopback.
 * FOR      every address
 * BREAKS   healthcheck/target/address.c: address->family != AF_INET6 || memcmp => memcmp
 * BREAKS   healthcheck/target/address.c: memcpy(address->bytes, address->bytes + sizeof mapped, 4); =>
 * BREAKS   healthcheck/target/address.c: address->family == AF_INET ? address_loopback4 => true ? address_loopback4
 */
void proof_unmap(void)
{
    struct address before = any_address(), address = before;
    uint128 number = number_of(&before);

    address_unmap(&address);
    prove(!is_mapped(&address), "none stays mapped");
    if (is_mapped(&before)) {
        prove(address.family == AF_INET && number_of(&address) == (number & UINT32_MAX), "it is the IPv4 address");
    } else {
        prove(memcmp(&address, &before, sizeof address) == 0, "every other stays");
    }
    address = before;
    address_settle(&address);
    prove(address.family == before.family, "its family stays");
    prove(implies(number == 0, address_is_loopback(&address)), "the unspecified address is loopback");
    prove(implies(number != 0, number_of(&address) == number), "every other stays");
}

/* Any text of at most SIZE bytes. */
static struct span any_text(char *bytes, size_t size)
{
    struct span text = { bytes, nondet_size() };

    assume(text.length <= size);
    return text;
}

/*
 * PROVES   Every IPv4 address reads as itself, and no other text does: none of other numbers of digits, as some
 *          programs take for an address in octal or in fewer parts.
 * FOR      every IPv4 address, and texts of up to 16 bytes
 * BREAKS   healthcheck/target/address.c: value > 255 || (n > 0 && text.at[0] == '0') => value > 255
 * WITH     --unwind 18 --unwindset parse_octet.0:18,parse_ipv4.0:5
 * SLOW
 */
void proof_ipv4(void)
{
    char bytes[16], shown[16];
    struct span text = any_text(bytes, sizeof bytes);
    struct text out = { shown, sizeof shown, 0 };
    struct address address = any_address();

    if (!parse_ipv4(text, address.bytes))
        return;
    address.family = AF_INET;
    address_show(&address, &out);
    prove(out.length == text.length, "it is as long as what is shown");
    for (size_t i = 0; i < 15; i++)
        prove(i >= out.length || shown[i] == bytes[i], "it is what is shown");
}
