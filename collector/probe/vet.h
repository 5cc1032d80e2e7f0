/* May we connect to this address? Names and addresses come from the DNS of strangers, who must not be able
 * to point us at what only this machine, its network or its hypervisor can reach.
 *
 * Whoever connects asks first, and then connects to exactly this address: nothing is resolved again.
 *
 * SPDX-License-Identifier: MIT
 * Before: dns.h */
#pragma once

#include "base/network.h"

/* ADDRESS is IPv4 or IPv6 as text, without port, brackets or zone. Refused are networks that are not for the
 * whole world (IANA's special-purpose registries: RFC 6890, RFC 8190; metadata services of clouds), also
 * where a form of IPv6 hides an IPv4 address (mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP), unless ALLOW
 * (setting check.allow_networks; IPv4 networks hold the mapped form too) has ADDRESS. Networks for
 * documentation are allowed: nobody is there. ERR_REFUSED names the rule: "127.0.0.1 is loopback
 * (127.0.0.0/8)"; ERR_INPUT: no address. */
MUST_CHECK bool vet_address(const char *address, const struct network_list *allow, struct err *err);
