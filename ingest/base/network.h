/* Networks and clients: whether an address is on a list of the settings, which client stands behind
 * a proxy, and what a limit per client counts by.
 *
 * A client is text: an address as listen_peer_to_text() writes it, or "unix" for whoever comes
 * through a Unix socket. An IPv4 address is the same whether it is written as such or mapped into
 * IPv6 (::ffff:192.0.2.1). What is no address is in no network.
 *
 * SPDX-License-Identifier: MIT
 * Before: text.h. Next: listen.h */
#pragma once

#include "base/err.h"
#include "base/text.h"

enum network_kind { NETWORK_FOUR, NETWORK_SIX, NETWORK_UNIX };

/* Comparable with memcmp(): equal networks are equal byte by byte. */
struct network {
    unsigned char address[16]; /* in network order; IPv4: the first four. Zero beyond `bits` */
    unsigned char bits;        /* of the address that count */
    unsigned char kind;        /* enum network_kind */
};

struct network_list {
    const struct network *items;
    size_t count; /* 0: nobody */
};

/* TEXT is 192.0.2.7, 192.0.2.0/24, 2001:db8::1, 2001:db8::/32, ::ffff:192.0.2.0/120 (which is
 * 192.0.2.0/24) or unix. A network of IPv6 holds no IPv4 address: ::/0 is all of IPv6, not of
 * everything. ERR_SETUP when it is none of these, and when bits beyond the length are set: then
 * it is unclear which network is meant. */
MUST_CHECK bool network_parse(const char *text, struct network *out, struct err *err);

/* All items of a setting; *OUT lives in the arena. ERR_SETUP as above, naming the item. */
MUST_CHECK bool network_list_parse(struct arena *arena, const struct text_list *texts,
                                   struct network_list *out, struct err *err);

/* The network of SIX_BITS (IPv6), or the address itself (IPv4, unix), that CLIENT belongs to: by
 * which clients are counted, since whoever has one address of IPv6 mostly has all of a /64. Clients
 * that are no address all belong to one network, which no list holds. */
void network_of_client(const char *client, unsigned six_bits, struct network *out);

bool network_list_has(const struct network_list *list, const char *client);

/* Who is behind the proxies: PEER unless it is one of PROXIES; else the last address of FORWARDED
 * (X-Forwarded-For, its lines joined by commas in the order in which they came; NULL: none) that is
 * not one of PROXIES. Whatever stands before that address was written by strangers. When
 * the list runs out, or what stands there is no address, the last proxy that is known. Canonical
 * text in the arena. */
const char *network_forwarded(struct arena *arena, const struct network_list *proxies,
                              const char *peer, const char *forwarded);
