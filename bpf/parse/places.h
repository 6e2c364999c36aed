/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Where a packet was seen, as a number of 16 bits: part of a flow's key. One connection that is
 * seen at two interfaces, or in two VLANs or tunnels, is two flows; so are two that share addresses and
 * ports.
 *
 * Without a VLAN or tunnel it is the interface's number. Each other combination gets an entry of a table
 * when it is first seen, so that no two share one, and user space can look up what it stands for.
 */
#ifndef PPING_PLACES_H
#define PPING_PLACES_H

#include "packet.h"

/* A cache line of entries. */
#define PLACE_PROBES 8

/* An entry of the table, which the target keeps; 0 where there is none. */
static volatile u64 *store_place(u32 index);

/* Apart, as tcp.h explains, and since most packets do not come here. `wanted` is an entry. */
__noinline int place_in_table(u64 wanted)
{
	u32 first = wanted * 0x9e3779b97f4a7c15ULL >> (64 - PLACE_BITS);

	for (u32 i = 0; i < PLACE_PROBES; i++) {
		u32 index = (first ^ i) & (PLACE_ENTRIES - 1);
		volatile u64 *entry = store_place(index);
		u64 found;

		if (!entry)
			break;
		found = *entry;
		if (!found)
			found = __sync_val_compare_and_swap(entry, 0, wanted);
		if (!found || found == wanted)
			return PLACE_ENTRIES + index;
	}
	return PLACE_CROWDED;
}

/* `vlans` is the outer id, and the inner one shifted by PLACE_VLAN_ID_BITS. */
static __always_inline u64 entry_of_vlans(u32 interface, u32 vlans)
{
	return vlans | (u64)interface << PLACE_INTERFACE_SHIFT;
}

static __always_inline u64 entry_of_tunnel(u16 around, enum tunnel tunnel, u32 id, u32 has_id)
{
	return id | (u64)around << PLACE_AROUND_SHIFT | (u64)has_id << PLACE_HAS_ID_SHIFT |
	       (u64)tunnel << PLACE_TUNNEL_SHIFT;
}

static __always_inline u16 place_of(u32 interface, u16 outer, u16 inner)
{
	if (likely(!outer && interface < PLACE_CROWDED))
		return interface;
	return place_in_table(entry_of_vlans(interface, outer | (u32)inner << PLACE_VLAN_ID_BITS));
}

#endif
