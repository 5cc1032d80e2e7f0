/* See vet.h.
 * SPDX-License-Identifier: MIT */
#include "probe/vet.h"
#include <arpa/inet.h>
#include <string.h>

#define SIX_BITS 128

struct rule {
    const char *network, *what;
};

/* The first that holds the address names the reason: the special ones stand before what contains them. */
static const struct rule refused[] = {
    { "0.0.0.0/32", "unspecified" },
    { "0.0.0.0/8", "this network" },
    { "169.254.169.254/32", "a metadata service" },
    { "169.254.0.0/16", "link-local" },
    { "100.100.100.200/32", "a metadata service" },
    { "168.63.129.16/32", "a metadata service" },
    { "10.0.0.0/8", "private" },
    { "100.64.0.0/10", "shared by a provider's customers" },
    { "127.0.0.0/8", "loopback" },
    { "172.16.0.0/12", "private" },
    { "192.0.0.0/24", "for protocols" },
    { "192.88.99.0/24", "a relay of 6to4" },
    { "192.168.0.0/16", "private" },
    { "198.18.0.0/15", "for benchmarks" },
    { "224.0.0.0/4", "multicast" },
    { "255.255.255.255/32", "broadcast" },
    { "240.0.0.0/4", "reserved" },
    { "::/128", "unspecified" },
    { "::1/128", "loopback" },
    { "64:ff9b:1::/48", "a local translation to IPv4" },
    { "100::/64", "discarded" },
    { "2001:2::/48", "for benchmarks" },
    { "2001:10::/28", "an identifier, not an address" },
    { "2001:20::/28", "an identifier, not an address" },
    { "5f00::/16", "a segment identifier" },
    { "fd00:ec2::254/128", "a metadata service" },
    { "fd20:ce::254/128", "a metadata service" },
    { "fc00::/7", "unique local" },
    { "fe80::/10", "link-local" },
    { "fec0::/10", "site-local" },
    { "ff00::/8", "multicast" },
};

/* Forms of IPv6 that hide an IPv4 address, and at which byte. */
struct disguise {
    const char *network, *what;
    unsigned char at;
    unsigned char mask; /* Teredo writes the client's address inverted */
};

static const struct disguise disguises[] = {
    { "::/96", "an IPv4-compatible address", 12, 0 },
    { "::ffff:0:0:0/96", "an IPv4-translated address", 12, 0 },
    { "64:ff9b::/96", "NAT64", 12, 0 },
    { "2002::/16", "6to4", 2, 0 },
    { "2001::/32", "Teredo", 4, 0 },
    { "2001::/32", "Teredo", 12, 0xff },
};

static bool holds(const char *text, const char *address)
{
    struct network network;
    struct err fault = { 0 };
    bool good = network_parse(text, &network, &fault);
    return good && network_list_has(&(struct network_list){ &network, 1 }, address);
}

static const struct rule *rule_of(const char *address)
{
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
        if (holds(refused[i].network, address))
            return &refused[i];
    return NULL;
}

/* The rule against the IPv4 address that stands in SIX at byte AT. */
static const struct rule *hidden_rule(const unsigned char six[16], unsigned at, unsigned char mask,
                                      char text[INET_ADDRSTRLEN])
{
    unsigned char four[4];
    for (size_t i = 0; i < sizeof four; i++)
        four[i] = six[at + i] ^ mask;
    inet_ntop(AF_INET, four, text, INET_ADDRSTRLEN);
    return rule_of(text);
}

/* RFC 5214 section 6.1: an interface identifier, below any prefix. */
static bool is_isatap(const unsigned char six[16])
{
    static const unsigned char tail[] = { 0, 0x5e, 0xfe };
    return (six[8] & ~2) == 0 && memcmp(six + 9, tail, sizeof tail) == 0;
}

static bool vet_hidden(const char *address, const unsigned char six[16], struct err *err)
{
    char four[INET_ADDRSTRLEN];
    const struct rule *rule;
    for (size_t i = 0; i < ARRAY_SIZE(disguises); i++) {
        const struct disguise *form = &disguises[i];
        rule = holds(form->network, address) ? hidden_rule(six, form->at, form->mask, four) : NULL;
        if (rule)
            return err_set(err, ERR_REFUSED, "%s is %s, of %s, which is %s (%s)", address,
                           form->what, four, rule->what, rule->network);
    }
    rule = is_isatap(six) ? hidden_rule(six, 12, 0, four) : NULL;
    if (rule)
        return err_set(err, ERR_REFUSED, "%s is ISATAP, of %s, which is %s (%s)", address, four,
                       rule->what, rule->network);
    return true;
}

bool vet_address(const char *address, const struct network_list *allow, struct err *err)
{
    struct network network;
    network_of_client(address, SIX_BITS, &network);
    if (network.kind != NETWORK_FOUR && network.kind != NETWORK_SIX)
        return err_set(err, ERR_INPUT, "\"%.60s\" is no address", address);
    if (network_list_has(allow, address))
        return true;
    const struct rule *rule = rule_of(address);
    if (rule)
        return err_set(err, ERR_REFUSED, "%s is %s (%s)", address, rule->what, rule->network);
    return network.kind == NETWORK_FOUR || vet_hidden(address, network.address, err);
}
