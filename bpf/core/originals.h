/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A connection's ends before NAT: asked when its flow is made and by what ends it.
 *
 * Only with PPING_ORIGINALS, in an object of its own: loading what may be a module's function takes
 * more privileges.
 */
#ifndef PPING_ORIGINALS_H
#define PPING_ORIGINALS_H

#include "lives.h"
#include "records.h"

#ifdef PPING_ORIGINALS

/* 0 and the ends before NAT, or -1 where they are not to be known. */
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

/*
 * Better none than a wrong one: what disagrees with an earlier lookup makes both worthless. Two
 * CPUs may do this at once, with the FINs of both ends: one of them counts.
 */
static __noinline void note_original(void *context, struct flow *flow, const struct packet *p)
{
	struct original *known = &flow->original;
	struct original found = {};

	if (known->state == ORIGINAL_DISPUTED || target_original(context, p, &found))
		return;
	if (known->state == ORIGINAL_UNKNOWN) {
		found.state = ORIGINAL_UNKNOWN;
		*known = found;
		full_barrier(&flow->marks);
		known->state = ORIGINAL_KNOWN;
		return;
	}
	if (is_end(known, 0, &found.address[0], found.port[0]) &&
	    is_end(known, 1, &found.address[1], found.port[1]))
		return;
	if (__sync_val_compare_and_swap(&known->state, ORIGINAL_KNOWN, ORIGINAL_DISPUTED) !=
	    ORIGINAL_KNOWN)
		return;
	clear_mark(flow, MARK_ORIGINAL_TOLD);
	store_count(COUNTER_ORIGINALS_DISPUTED);
}

static __noinline int tell_original(const struct flow_key *key, struct flow *flow, u64 now)
{
	struct original_event *event = target_reserve_original();

	if (!event)
		return -1;
	if (set_mark(flow, MARK_ORIGINAL_TOLD)) {
		target_discard(event);
		return 0;
	}
	set_header(&event->header, EVENT_ORIGINAL, key, 0, cookie_of(flow), now);
	event->original = flow->original;
	target_submit(event);
	return 0;
}

static __always_inline int is_original_news(const struct flow_key *key, const struct flow *flow)
{
	const struct original *original = &flow->original;

	if (flow->marks & MARK_ORIGINAL_TOLD || original->state == ORIGINAL_UNKNOWN)
		return 0;
	return original->state == ORIGINAL_DISPUTED ||
	       !is_end(original, 0, &key->address[0], key->port[0]) ||
	       !is_end(original, 1, &key->address[1], key->port[1]);
}

#else

static __always_inline void note_original(void *context, struct flow *flow, const struct packet *p) {}
static __always_inline int is_original_news(const struct flow_key *key, const struct flow *flow) { return 0; }
static __always_inline int tell_original(const struct flow_key *key, struct flow *flow, u64 now) { return 0; }

#endif

#endif
