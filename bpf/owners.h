/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Whose connection it is: asked once per flow, never a part of its key, and told just before
 * the flow's next event.
 *
 * Only with PPING_OWNERS is there any of it: otherwise these functions do nothing, and nothing is
 * left of them. With PPING_ORIGINALS there are its ends before NAT, too: a program of its own, since
 * loading what may be a module's function takes more privileges. The target defines the store_* functions.
 */
#ifndef PPING_OWNERS_H
#define PPING_OWNERS_H

#include "state.h"

/* Fills `header` for the flow `key` with the end `src` (0 or 1) as its source. */
static __always_inline void set_header(struct event_header *header, enum event_type type,
				       const struct flow_key *key, u8 src, u64 cookie, u64 now)
{
	header->timestamp = now;
	header->flow_id = cookie;
	if (src) {
		header->src = key->address[1];
		header->dest = key->address[0];
		header->src_port = key->port[1];
		header->dest_port = key->port[0];
	} else {
		header->src = key->address[0];
		header->dest = key->address[1];
		header->src_port = key->port[0];
		header->dest_port = key->port[1];
	}
	header->type = type;
	header->ip_version = key->ip_version;
	header->reserved[0] = header->reserved[1] = 0;
}

#ifdef PPING_OWNERS

/* Whose socket the segment, on its way out, comes from; anything but OWNER_TOLD. */
static enum owner_state store_owner(void *context, const struct segment *s, struct owner *owner);
/* Whether connections of some owners are left out. */
static int store_is_owner_filtered(void);
/* 0 and the ends before NAT, or -1 where they are not to be known. */
static int store_original(void *context, const struct segment *s, struct original *original);
/* Room for one event, or 0; not counted, since it is tried again. */
static struct owner_event *store_owner_event(void);
static struct original_event *store_original_event(void);

static void emit_opening(const struct flow_key *key, struct flow *flow, u64 now);

/* Whether nothing is to be told of the flow: it may be none of those that were asked for. */
static __always_inline int is_withheld(const struct flow *flow)
{
	return store_is_owner_filtered() && flow->owner_state < OWNER_KNOWN;
}

/* A SYN or SYN-ACK. On ingress a socket, if there is one, is the sender's: never asked. */
static __always_inline void note_embryo_owner(void *context, struct embryo *embryo,
					      const struct segment *s)
{
	if (embryo->owner_state != OWNER_UNKNOWN || s->hook != HOOK_EGRESS)
		return;
	embryo->owner_state = store_owner(context, s, &embryo->owner);
	embryo->owner_end = s->direction;
}

/* Another connection on the same ports. */
static __always_inline void forget_embryo_owner(struct embryo *embryo)
{
	embryo->owner_state = OWNER_UNKNOWN;
}

static __always_inline void inherit_owner(struct flow *flow, const struct embryo *embryo)
{
	flow->owner = embryo->owner;
	flow->owner_state = embryo->owner_state;
	flow->owner_end = embryo->owner_end;
}

/* Two CPUs may do this at once: they write the same. */
static __noinline void note_owner(void *context, struct flow *flow, struct segment *s)
{
	struct owner owner = {};
	enum owner_state state = store_owner(context, s, &owner);

	if (state == OWNER_UNKNOWN)
		return;
	flow->owner = owner;
	flow->owner_end = s->direction;
	/* A full barrier: who sees the state sees the owner. */
	__sync_fetch_and_or(&flow->owner_told, 0);
	flow->owner_state = state;
	if (state != OWNER_KNOWN || flow->state != FLOW_OPEN)
		return;
	read_clock(context, s);
	emit_opening(&s->key, flow, s->now);
}

/* Whether the flow is to be looked at more closely before its segment is measured. */
static __always_inline int is_owner_open(const struct flow *flow, const struct segment *s)
{
	return flow->owner_state < OWNER_ABSENT &&
	       (s->hook == HOOK_EGRESS || flow->owner_state == OWNER_REFUSED);
}

/* Whether the filter leaves the flow out. */
static __always_inline int is_refused(void *context, struct flow *flow, struct segment *s)
{
	if (flow->owner_state == OWNER_UNKNOWN)
		note_owner(context, flow, s);
	return flow->owner_state == OWNER_REFUSED;
}

static __always_inline int is_same_end(const struct original *a, const struct original *b, int end)
{
	return a->address[end].halves[0] == b->address[end].halves[0] &&
	       a->address[end].halves[1] == b->address[end].halves[1] &&
	       a->port[end] == b->port[end];
}

/*
 * Better none than a wrong one: what disagrees with an earlier lookup makes both worthless. Two
 * CPUs may do this at once, with the FINs of both ends: one of them counts.
 */
static __noinline void note_original(void *context, struct flow *flow, const struct segment *s)
{
	struct original *known = &flow->original;
	struct original found = {};

	if (known->state == ORIGINAL_DISPUTED || store_original(context, s, &found))
		return;
	if (known->state == ORIGINAL_UNKNOWN) {
		found.state = ORIGINAL_UNKNOWN;
		*known = found;
		/* As in note_owner(). */
		__sync_fetch_and_or(&flow->original_told, 0);
		known->state = ORIGINAL_KNOWN;
		return;
	}
	if (is_same_end(known, &found, 0) && is_same_end(known, &found, 1))
		return;
	if (__sync_val_compare_and_swap(&known->state, ORIGINAL_KNOWN, ORIGINAL_DISPUTED) !=
	    ORIGINAL_KNOWN)
		return;
	flow->original_told = 0;
	store_count(COUNTER_ORIGINALS_DISPUTED);
}

/* As in emit_opening(): the event's place is taken before it is said that it was. */
static __noinline void tell_owner(const struct flow_key *key, struct flow *flow, u64 now)
{
	struct owner_event *event = store_owner_event();

	if (!event)
		return;
	if (__sync_lock_test_and_set(&flow->owner_told, 1)) {
		store_discard(event);
		return;
	}
	set_header(&event->header, EVENT_OWNER, key, flow->owner_end & 1, flow->cookie, now);
	event->owner = flow->owner;
	store_submit(event);
	flow->owner_state = OWNER_TOLD;
}

static __noinline void tell_original(const struct flow_key *key, struct flow *flow, u64 now)
{
	struct original_event *event = store_original_event();

	if (!event)
		return;
	if (__sync_lock_test_and_set(&flow->original_told, 1)) {
		store_discard(event);
		return;
	}
	set_header(&event->header, EVENT_ORIGINAL, key, 0, flow->cookie, now);
	event->original = flow->original;
	store_submit(event);
}

static __always_inline int is_original_news(const struct flow_key *key, const struct flow *flow)
{
	const struct original wire = { .address = { key->address[0], key->address[1] },
				       .port = { key->port[0], key->port[1] } };

	if (flow->original_told || flow->original.state == ORIGINAL_UNKNOWN)
		return 0;
	return flow->original.state == ORIGINAL_DISPUTED ||
	       !is_same_end(&wire, &flow->original, 0) || !is_same_end(&wire, &flow->original, 1);
}

/* Before any other event of the flow, if there is something that was not yet told. */
static __always_inline void tell_attribution(const struct flow_key *key, struct flow *flow, u64 now)
{
	if (unlikely(flow->owner_state == OWNER_KNOWN))
		tell_owner(key, flow, now);
	if (unlikely(is_original_news(key, flow)))
		tell_original(key, flow, now);
}

#else

static __always_inline int is_withheld(const struct flow *flow) { return 0; }
static __always_inline void note_embryo_owner(void *context, struct embryo *embryo,
					      const struct segment *s) {}
static __always_inline void forget_embryo_owner(struct embryo *embryo) {}
static __always_inline void inherit_owner(struct flow *flow, const struct embryo *embryo) {}
static __always_inline int is_owner_open(const struct flow *flow, const struct segment *s) { return 0; }
static __always_inline int is_refused(void *context, struct flow *flow, struct segment *s) { return 0; }
static __always_inline void note_original(void *context, struct flow *flow, const struct segment *s) {}
static __always_inline void tell_attribution(const struct flow_key *key, struct flow *flow, u64 now) {}

#endif

#endif
