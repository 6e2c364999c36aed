/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What conntrack knows of a connection: its ends before NAT. For the kernel target alone.
 *
 * Where the kernel has none of the functions that it calls, an object with this is still loaded as
 * long as a constant (.rodata) stands before the lookup, so that the verifier does not reach it:
 * src/live/conntrack.ts tells what it is to be. The functions' addresses would not tell: 6.1 refuses
 * those of a module's functions.
 */
#ifndef PPING_NAT_H
#define PPING_NAT_H

#include "tuple.h"

/*
 * As net/netfilter/nf_conntrack_bpf.c has it, up to where all versions agree: these 12 bytes ask
 * for the default zone. Newer ones have 16, with the zone, and take 12 as well.
 */
struct bpf_ct_opts {
	s32 netns_id; /* -1: the skb's own */
	s32 error;
	u8 l4proto;
	u8 dir;       /* out: which of the connection's tuples was found */
	u8 reserved[2];
};
_Static_assert(sizeof(struct bpf_ct_opts) == 12, "the size is the version");

/* Of conntrack's types what is read of them; libbpf finds where that is in this kernel. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
union nf_inet_addr {
	u32 all[4]; /* IPv4 in the first; network byte order */
};

union nf_conntrack_man_proto {
	u16 all; /* network byte order */
};

struct nf_conntrack_man {
	union nf_inet_addr u3;
	union nf_conntrack_man_proto u;
};

struct nf_conntrack_tuple {
	struct nf_conntrack_man src;
	struct {
		union nf_inet_addr u3;
		union {
			u16 all;
		} u;
	} dst;
};

struct nf_conntrack_tuple_hash {
	struct nf_conntrack_tuple tuple;
};

/* enum ip_conntrack_dir: index of tuplehash, and bpf_ct_opts.dir */
#define CONNTRACK_ORIGINAL 0

struct nf_conn {
	struct nf_conntrack_tuple_hash tuplehash[2];
};
#pragma clang attribute pop

struct nf_conn *bpf_skb_ct_lookup(struct __sk_buff *skb, struct bpf_sock_tuple *tuple,
				  u32 tuple_size, struct bpf_ct_opts *opts,
				  u32 opts_size) __weak __ksym;
void bpf_ct_release(struct nf_conn *connection) __weak __ksym;

static __always_inline void set_original(struct original *original, const struct nf_conn *found,
					 u8 opener, u8 ip_version);

/*
 * The ends of the segment's connection as they were before NAT, by the conntrack of the network
 * namespace in which it was seen; in the order of its flow_key. Needs `key`, `direction` and `hook`.
 *
 * Conntrack has each connection twice: as it was opened (A to B), and as it expects the answers
 * (from B' to A', which NAT may have made of B and A). A packet that comes in has not been
 * translated yet, so it is one of the two as it is; one that leaves has been, so its reverse is.
 * The other way round is not tried: it could only find another connection.
 *
 * Returns ORIGINAL_KNOWN, having set all of `original`; or ORIGINAL_UNKNOWN, having set nothing, where
 * the connection is not tracked, or not yet: the first packet that comes in of it never is.
 *
 * Not a global function, which kernels before 6.8 verify even where nothing calls it.
 */
static __noinline int look_up_original(struct __sk_buff *skb, const struct packet *p,
				       struct original *original)
{
	struct bpf_ct_opts opts = { .netns_id = -1, .l4proto = p->key.protocol };
	struct bpf_sock_tuple tuple = {};
	struct nf_conn *found;
	u32 size;
	u8 from;

	from = (p->direction ^ (p->hook != HOOK_INGRESS)) & 1;
	size = set_tuple(&tuple, &p->key, from);
	found = bpf_skb_ct_lookup(skb, &tuple, size, &opts, sizeof(opts));
	if (!found)
		return ORIGINAL_UNKNOWN;
	/* Found as an answer, it comes from where the connection went. */
	set_original(original, found, opts.dir == CONNTRACK_ORIGINAL ? from : !from,
		     p->key.ip_version);
	bpf_ct_release(found);
	original->state = ORIGINAL_KNOWN;
	return ORIGINAL_KNOWN;
}

static __always_inline void set_address(struct address *address, const union nf_inet_addr *from,
					u8 ip_version)
{
	if (ip_version == 4) {
		address->halves[0] = 0;
		address->words[2] = bswap32(0x0000ffff);
		address->words[3] = from->all[0];
		return;
	}
	address->words[0] = from->all[0];
	address->words[1] = from->all[1];
	address->words[2] = from->all[2];
	address->words[3] = from->all[3];
}

/* `opener` is the end of the key that stands for the one which opened the connection. */
static __always_inline void set_original(struct original *original, const struct nf_conn *found,
					 u8 opener, u8 ip_version)
{
	const struct nf_conntrack_tuple *opened = &found->tuplehash[CONNTRACK_ORIGINAL].tuple;

	set_address(&original->address[opener & 1], &opened->src.u3, ip_version);
	set_address(&original->address[!opener], &opened->dst.u3, ip_version);
	original->port[opener & 1] = bswap16(opened->src.u.all);
	original->port[!opener] = bswap16(opened->dst.u.all);
}

#endif
