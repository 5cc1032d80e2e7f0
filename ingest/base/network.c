/* See network.h.
 * SPDX-License-Identifier: MIT */
#include "base/network.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define FOUR_BITS   32
#define SIX_BITS    128
#define MAPPED_BITS 96
#define ITEM_BYTES  100 /* of an item, in an error's text */
#define UNKNOWN     255 /* kind of what is no address */

static const unsigned char mapped[MAPPED_BITS / 8] = { [10] = 0xff, [11] = 0xff };

/* ::ffff:a.b.c.d/96+n is a.b.c.d/n. */
static void unmap(struct network *network)
{
    if (network->kind != NETWORK_SIX || network->bits < MAPPED_BITS
        || memcmp(network->address, mapped, sizeof mapped) != 0)
        return;
    memmove(network->address, network->address + sizeof mapped, FOUR_BITS / 8);
    memset(network->address + FOUR_BITS / 8, 0, sizeof mapped);
    network->bits = (unsigned char)(network->bits - MAPPED_BITS);
    network->kind = NETWORK_FOUR;
}

/* An address with all its bits; false when TEXT is none. */
static bool parse_address(const char *text, struct network *out)
{
    struct network network = { 0 };
    if (strcmp(text, "unix") == 0) {
        network.kind = NETWORK_UNIX;
    } else if (inet_pton(AF_INET, text, network.address) == 1) {
        network.kind = NETWORK_FOUR;
        network.bits = FOUR_BITS;
    } else if (inet_pton(AF_INET6, text, network.address) == 1) {
        network.kind = NETWORK_SIX;
        network.bits = SIX_BITS;
    } else {
        return false;
    }
    *out = network;
    return true;
}

/* Leaves the first BITS of the address; true when nothing was set beyond. */
static bool cut(struct network *network, unsigned bits)
{
    bool clean = true;
    for (unsigned i = 0; i < sizeof network->address; i++) {
        unsigned left = bits > i * 8 ? bits - i * 8 : 0;
        unsigned char mask = (unsigned char)(left >= 8 ? 0xff : 0xff00 >> left);
        clean = clean && (network->address[i] & ~mask & 0xff) == 0;
        network->address[i] &= mask;
    }
    network->bits = (unsigned char)bits;
    return clean;
}

static bool not_a_network(const char *text, struct err *err)
{
    return err_set(err, ERR_SETUP,
                   "\"%.*s\" is no address or network; write 192.0.2.7, 192.0.2.0/24, "
                   "2001:db8::/32 or unix",
                   ITEM_BYTES, text);
}

bool network_parse(const char *text, struct network *out, struct err *err)
{
    char address[INET6_ADDRSTRLEN];
    size_t size = strcspn(text, "/");
    struct network network;
    int64_t bits;
    if (size >= sizeof address)
        return not_a_network(text, err);
    memcpy(address, text, size);
    address[size] = '\0';
    if (!parse_address(address, &network))
        return not_a_network(text, err);
    if (text[size]) {
        if (!network.bits || !text_number(text + size + 1, 0, network.bits, &bits))
            return not_a_network(text, err);
        if (!cut(&network, (unsigned)bits))
            return err_set(err, ERR_SETUP,
                           "\"%s\" names an address, not a network: bits beyond /%d are set; "
                           "correct the length, or leave it out for the one address",
                           text, (int)bits);
    }
    unmap(&network);
    *out = network;
    return true;
}

bool network_list_parse(struct arena *arena, const struct text_list *texts,
                        struct network_list *out, struct err *err)
{
    struct network *items = arena_array(arena, texts->count + 1, sizeof *items);
    for (size_t i = 0; i < texts->count; i++)
        if (!network_parse(texts->items[i], &items[i], err))
            return false;
    *out = (struct network_list){ items, texts->count };
    return true;
}

void network_of_client(const char *client, unsigned six_bits, struct network *out)
{
    if (!parse_address(client, out)) {
        *out = (struct network){ .kind = UNKNOWN };
        return;
    }
    unmap(out);
    if (out->kind == NETWORK_SIX && six_bits < out->bits)
        cut(out, six_bits);
}

static bool holds(const struct network *network, const struct network *client)
{
    struct network shortened = *client;
    if (network->kind != client->kind || network->bits > client->bits)
        return false;
    cut(&shortened, network->bits);
    return memcmp(&shortened, network, sizeof shortened) == 0;
}

bool network_list_has(const struct network_list *list, const char *client)
{
    struct network one;
    network_of_client(client, SIX_BITS, &one);
    for (size_t i = 0; i < list->count; i++)
        if (holds(&list->items[i], &one))
            return true;
    return false;
}

const char *network_forwarded(struct arena *arena, const struct network_list *proxies,
                              const char *peer, const char *forwarded)
{
    const char *client = peer;
    size_t end = forwarded ? strlen(forwarded) : 0;
    while (end && network_list_has(proxies, client)) {
        size_t from = end;
        while (from && forwarded[from - 1] != ',')
            from--;
        /* Some proxies write the port too: text_address() takes it off. */
        const char *next =
            text_address(arena, text_trim(arena, forwarded + from, end - from), NULL);
        if (!next)
            break;
        client = next;
        end = from ? from - 1 : 0;
    }
    return client;
}
