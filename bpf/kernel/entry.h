/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Which interface it is, and of which network namespace: of several, a program in front says so (tc_entries.c). For
 * the kernel target alone.
 */
#ifndef PPING_ENTRY_H
#define PPING_ENTRY_H

#include "settings.h"

/* With a barrier, so that it is no load from one of two addresses: the verifier takes none that may be in a context. */
static __always_inline u32 entry_told(const struct __sk_buff *skb, enum entry_cb place)
{
	u32 told = skb->cb[place];

	barrier_var(told);
	return told;
}

/* Its number. */
static __always_inline u32 interface_of(const struct __sk_buff *skb)
{
	return fixed.numbered ? entry_told(skb, ENTRY_CB_INTERFACE) : skb->ifindex;
}

/* The inode of the interface's. */
static __always_inline u32 namespace_of(const struct __sk_buff *skb)
{
	return fixed.numbered ? entry_told(skb, ENTRY_CB_NAMESPACE) : fixed.namespace;
}

#endif
