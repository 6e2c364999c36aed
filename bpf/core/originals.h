/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A connection's ends before NAT. Those of the socket that has opened it are asked for when its flow is made: behind
 * NAT within NAT they are the innermost. Conntrack is asked then and by what ends it: it knows what this network
 * namespace has changed.
 *
 * Only with PPING_ORIGINALS, in an object of its own: loading what may be a module's function takes
 * more privileges.
 */
#ifndef PPING_ORIGINALS_H
#define PPING_ORIGINALS_H

#include "lives.h"
#include "records.h"

#ifdef PPING_ORIGINALS

/* Odd, of bits without a pattern: the golden ratio. */
#define FINGERPRINT_FACTOR 0x9e3779b97f4a7c15ULL

/* 0 and the ends as the socket that has opened the flow has them, or -1 where it is not known; `p` is the flow's. */
static int target_opener_ends(const struct flow *flow, const struct packet *p, struct original *original);
/* 0 and the ends before NAT, as conntrack has them; or -1 where they are not to be known. */
static int target_original(void *context, const struct packet *p, struct original *original);
/* Room for one event, or 0; not counted: the event that it comes before is lost with it. */
static struct original_event *target_reserve_original(void);

/* Whether that end was the same before NAT. Nothing is copied: the stack is short (6.1). */
static __always_inline int is_end(const struct original *original, int end,
				  const struct address *address, u16 port)
{
	return original->address[end].halves[0] == address->halves[0] &&
	       original->address[end].halves[1] == address->halves[1] && original->port[end] == port;
}

static __always_inline int is_both(const struct original *original, const struct address *address, const u16 *port)
{
	return is_end(original, 0, &address[0], port[0]) && is_end(original, 1, &address[1], port[1]);
}

/* Tells what conntrack says from what it has said; never 0. */
static __always_inline u64 fingerprint(const struct original *found)
{
	u64 sum = (u64)found->port[0] << 16 | found->port[1];

	for (int end = 0; end < 2; end++) {
		sum = (sum ^ found->address[end].halves[0]) * FINGERPRINT_FACTOR;
		sum = ((sum ^ sum >> 32) ^ found->address[end].halves[1]) * FINGERPRINT_FACTOR;
	}
	return sum ? sum : 1;
}

/*
 * Whether conntrack may speak of the connection that the socket has opened. Further in, another namespace may have
 * changed one end; that it has changed both is not told from that they are two connections. Nothing is said against
 * it where this namespace has changed nothing.
 */
static __always_inline int agrees(const struct original *found, const struct original *innermost,
				  const struct flow_key *key)
{
	return is_end(found, 0, &innermost->address[0], innermost->port[0]) ||
	       is_end(found, 1, &innermost->address[1], innermost->port[1]) ||
	       is_both(found, key->address, key->port);
}

/* Of a flow that nobody else can find yet: what conntrack says is held against it. */
static __always_inline void note_innermost(struct flow *flow, const struct packet *p)
{
	if (flow->handshake_seen && !target_opener_ends(flow, p, &flow->original))
		flow->original.state = ORIGINAL_KNOWN;
}

/*
 * Better none than a wrong one: what disagrees with an earlier lookup makes both worthless. Two
 * CPUs may do this at once, with the FINs of both ends: one of them counts.
 */
static __noinline void note_original(void *context, struct flow *flow, const struct packet *p)
{
	struct original *known = &flow->original;
	struct original found = {};
	u64 said;

	if (known->state == ORIGINAL_DISPUTED || target_original(context, p, &found))
		return;
	said = fingerprint(&found);
	if (known->state == ORIGINAL_UNKNOWN) {
		found.state = ORIGINAL_UNKNOWN;
		*known = found;
		flow->conntracked = said;
		full_barrier(&flow->marks);
		known->state = ORIGINAL_KNOWN;
		return;
	}
	if (flow->conntracked == said)
		return;
	if (!flow->conntracked && agrees(&found, known, &p->key)) {
		flow->conntracked = said;
		return;
	}
	if (__sync_val_compare_and_swap(&known->state, ORIGINAL_KNOWN, ORIGINAL_DISPUTED) !=
	    ORIGINAL_KNOWN)
		return;
	clear_mark(flow, MARK_ORIGINAL_TOLD);
	store_count(COUNTER_ORIGINALS_DISPUTED);
}

static __noinline int tell_original(const struct flow_key *key, struct flow *flow, u64 now)
{
	struct original_event *event = target_reserve_original();
	u64 cookie = cookie_of(flow);
	enum taken taken;

	if (!event)
		return -1;
	taken = take_mark(flow, cookie, MARK_ORIGINAL_TOLD);
	if (taken != MARK_TAKEN) {
		target_discard(event);
		return taken == MARK_WAS_SET ? 0 : -1;
	}
	set_header(&event->header, EVENT_ORIGINAL, key, 0, cookie, now);
	event->original = flow->original;
	return submit_of(event, flow, cookie);
}

static __always_inline int is_original_news(const struct flow_key *key, const struct flow *flow)
{
	const struct original *original = &flow->original;

	if (flow->marks & MARK_ORIGINAL_TOLD || original->state == ORIGINAL_UNKNOWN)
		return 0;
	return original->state == ORIGINAL_DISPUTED || !is_both(original, key->address, key->port);
}

#else

static __always_inline void note_innermost(struct flow *flow, const struct packet *p) {}
static __always_inline void note_original(void *context, struct flow *flow, const struct packet *p) {}
static __always_inline int is_original_news(const struct flow_key *key, const struct flow *flow) { return 0; }
static __always_inline int tell_original(const struct flow_key *key, struct flow *flow, u64 now) { return 0; }

#endif

#endif
