/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Which connections are measured: --host, --net, --port, and what is excluded. The same for both
 * directions of a connection, since a prefix or a port counts at either end.
 */
#ifndef PPING_FILTER_H
#define PPING_FILTER_H

#include "../parse/packet.h"

/* In the kernel a constant, so that without a filter the verifier takes all of this out. */
static const volatile struct filter *target_filter(void);

static int is_selected(const struct flow_key *key);

/* Whether the filter leaves the connection out. To be asked before any state is touched. */
static __always_inline int is_filtered(const struct flow_key *key)
{
	return unlikely(target_filter()->is_active) && !is_selected(key);
}

static __always_inline int is_within(const struct address *address, u32 ip_version,
				     const volatile struct prefix *prefix)
{
	return ip_version == prefix->ip_version &&
	       (address->halves[0] & prefix->mask.halves[0]) == prefix->address.halves[0] &&
	       (address->halves[1] & prefix->mask.halves[1]) == prefix->address.halves[1];
}

static __always_inline int has_prefix(const volatile struct selection *selection,
				      const struct flow_key *key)
{
	for (u32 i = 0; i < MOST_PREFIXES && i < selection->prefix_count; i++) {
		const volatile struct prefix *prefix = &selection->prefixes[i];

		if (is_within(&key->address[0], key->ip_version, prefix) ||
		    is_within(&key->address[1], key->ip_version, prefix))
			return 1;
	}
	return 0;
}

/* What is in their place is no port. */
static __always_inline int has_ports(const struct flow_key *key)
{
	return key->protocol != PROTOCOL_ICMP && key->protocol != PROTOCOL_ICMPV6;
}

static __always_inline int has_port(const volatile struct selection *selection,
				    const struct flow_key *key)
{
	if (!has_ports(key))
		return 0;
	for (u32 i = 0; i < MOST_PORT_RANGES && i < selection->port_range_count; i++) {
		u16 first = selection->port_ranges[i].first, last = selection->port_ranges[i].last;

		if ((key->port[0] >= first && key->port[0] <= last) ||
		    (key->port[1] >= first && key->port[1] <= last))
			return 1;
	}
	return 0;
}

static __always_inline u32 protocols_of(const struct flow_key *key)
{
	switch (key->protocol) {
	case PROTOCOL_TCP:
		return PROTOCOLS_TCP;
	case PROTOCOL_QUIC:
		return PROTOCOLS_QUIC;
	case PROTOCOL_DNS:
		return PROTOCOLS_DNS;
	default:
		return PROTOCOLS_ICMP;
	}
}

static __noinline int is_selected(const struct flow_key *key)
{
	const volatile struct selection *include = &target_filter()->include;
	const volatile struct selection *exclude = &target_filter()->exclude;

	if (target_filter()->protocols && !(target_filter()->protocols & protocols_of(key)))
		return 0;
	if (include->prefix_count && !has_prefix(include, key))
		return 0;
	if (include->port_range_count && !has_port(include, key))
		return 0;
	return !has_prefix(exclude, key) && !has_port(exclude, key);
}

#endif
