/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From segments to RTTs: flows, identifiers, samples.
 *
 * Written once for every target. What differs between them is where state
 * lives, and the core reaches that only through the store_* functions, which
 * the target defines. The rules are those of docs/measurement.md.
 */
#ifndef PPING_RTT_H
#define PPING_RTT_H

#include "packet.h"

/* A tombstone keeps stray late segments of a dead connection from reopening it. */
#define TOMBSTONE_NS (5 * NS_PER_SECOND)
/* A flow seen in one direction only is forgotten after this. */
#define OPENING_TIMEOUT_NS (30 * NS_PER_SECOND)
/* A SYN older than this says nothing about a segment seen now (tcp_synack_retries: 63 s). */
#define EMBRYO_TIMEOUT_NS (64 * NS_PER_SECOND)
/*
 * 2^31 ticks of the fastest clock in use, 1 MHz (tcp_usec_ts): after this long,
 * "older" and "newer" can no longer be told apart (RFC 7323, 5.4).
 */
#define IDENTIFIER_HALF_RANGE_NS ((1ULL << 31) * 1000)
/* An identifier may go unanswered for so many smoothed RTTs ... */
#define TIMESTAMP_LIFETIME_SRTTS 8
/*
 * ... but at least for RFC 6298's least RTO, doubled for each that went unanswered
 * before (5.5): a path whose RTT has risen far above its past must not lose every
 * sample that could tell.
 */
#define TIMESTAMP_LIFETIME_MIN_NS NS_PER_SECOND
#define TIMESTAMP_LIFETIME_MAX_DOUBLINGS 10

enum flow_state {
	FLOW_WAITING = 1, /* one direction seen */
	FLOW_OPEN = 2,    /* both */
	FLOW_CLOSING = 3, /* a FIN in one direction */
	FLOW_CLOSED = 4,  /* tombstone */
};

enum locality {
	LOCALITY_UNKNOWN,
	LOCALITY_LOCAL,
	LOCALITY_REMOTE,
};

/* The state of what one end sends. All times are of the target's clock. */
struct direction {
	u64 last_seen;
	u64 packets;
	u64 bytes;           /* TCP payload */
	u64 identifier_time; /* when `identifier` was accepted; 0 = none known yet */
	u64 sample_time;     /* last attempt to remember; 0 = never */
	u64 min_rtt;         /* 0 = no sample yet */
	u64 srtt;
	u32 identifier;      /* last TSval accepted as new */
	u32 outstanding;     /* identifiers remembered and neither answered nor forgotten */
	u32 next_seq;        /* just beyond the last byte seen */
	u32 ack_identifier;  /* TSval of the last pure ACK */
	u32 unanswered;      /* identifiers forgotten since the last answer */
	u32 reserved;
};

/* One connection. */
struct flow {
	u64 cookie;
	u32 state;          /* enum flow_state */
	u32 ended;          /* bit per direction that sent FIN */
	u32 told;           /* 1 once its opening has been reported */
	u32 syn_identifier; /* of the SYN that opened it, if handshake_seen */
	u32 syn_seq;
	u32 reserved;
	u8 initiator;       /* direction that opened the connection, or was seen first */
	u8 opening_reason;  /* enum flow_reason */
	u8 handshake_seen;
	u8 reset;
	u8 locality[2];     /* enum locality of where each direction's packets go */
	u8 unused[2];
	struct direction direction[2];
};

/*
 * A connection of which only the handshake was seen. [0] is the SYN, [1] the
 * SYN-ACK. Lives in an LRU map: a flood of SYNs pushes out other embryos only.
 */
struct embryo {
	u64 time[2]; /* 0 = not seen */
	u64 rtt;     /* SYN to SYN-ACK; 0 = not known */
	u32 identifier[2];
	u32 seq[2];
	u32 packets[2];
	u8 hook[2];
	u8 to_this_host[2];
	u8 initiator; /* direction of the SYN */
	u8 reserved[3];
};

/* 16 bytes instead of a full tuple, and never equal for two connections. */
struct timestamp_key {
	u64 cookie;
	u32 identifier;
	u8 direction;
	u8 reserved[3];
};

struct timestamp {
	u64 time;    /* when the identifier was seen */
	u64 expires;
	u32 seq;     /* an answer acknowledges more than this */
	u32 reserved;
	struct flow_key flow;
};

/* Written by user space (kernel target) or the host (replay). */
static volatile struct settings *store_settings(void);

/* A pointer that stays valid while the segment is processed, or 0. */
static struct flow *store_flow_lookup(const struct flow_key *key);
/* Adds a flow unless the key has one; 0 on success, -1 when full. */
static int store_flow_create(const struct flow_key *key, const struct flow *flow);
static void store_flow_delete(const struct flow_key *key);
static u64 store_next_cookie(void);

static struct embryo *store_embryo_lookup(const struct flow_key *key);
static void store_embryo_put(const struct flow_key *key, const struct embryo *embryo);
/* 0 for the one caller that deleted it. */
static int store_embryo_delete(const struct flow_key *key);

static struct timestamp *store_timestamp_lookup(const struct timestamp_key *key);
/* 0 on success, 1 when the key is there already, -1 when full. */
static int store_timestamp_insert(const struct timestamp_key *key, const struct timestamp *value);
/* 0 for the one caller that deleted it. */
static int store_timestamp_delete(const struct timestamp_key *key);

/* Room for one event, to be submitted at once; 0 when there is none (the target counts that). */
static struct rtt_event *store_rtt_event(void);
static struct flow_event *store_flow_event(void);
static void store_submit(void *event);

static void store_count(enum counter counter);

/* Whether a segment that came in through ingress for `destination` ends on this machine. */
static int store_is_local(void *context, const struct flow_key *key, u8 destination,
			  u8 to_this_host);

static __always_inline void on_reset(const struct segment *s);
static __always_inline void on_handshake(const struct segment *s);
static struct flow *create_flow(const struct segment *s);
static void report_handshake(void *context, struct flow *flow, const struct segment *s);
static __always_inline void update_flow(struct flow *flow, const struct segment *s);
static __always_inline void remember(void *context, struct flow *flow, const struct segment *s);
static __always_inline void match(struct flow *flow, const struct segment *s);
static __always_inline void on_fin(struct flow *flow, const struct segment *s);
static __noinline void on_stray(struct flow *flow, const struct segment *s);

/* The measurement: one segment, seen at s->now. `context` is handed to store_is_local. */
static __always_inline void process_segment(void *context, const struct segment *s)
{
	struct flow *flow;

	if (s->flags & TCP_RST)
		return on_reset(s);
	if (s->flags & TCP_SYN)
		return on_handshake(s);
	if (!s->has_timestamp)
		return store_count(COUNTER_NO_TIMESTAMP);

	flow = store_flow_lookup(&s->key);
	if (!flow) {
		flow = create_flow(s);
		if (!flow)
			return;
		if (flow->handshake_seen)
			report_handshake(context, flow, s);
	}
	if (flow->state == FLOW_CLOSED)
		return on_stray(flow, s);
	update_flow(flow, s);
	match(flow, s);
	remember(context, flow, s);
	if (s->flags & TCP_FIN)
		on_fin(flow, s);
}

/* --- events --- */

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

static __always_inline void emit_flow(const struct flow_key *key, const struct flow *flow, enum flow_change change,
		      enum flow_reason reason, enum flow_trigger trigger, u64 now)
{
	struct flow_event *event = store_flow_event();

	if (!event)
		return;
	set_header(&event->header, EVENT_FLOW, key, flow->initiator, flow->cookie, now);
	event->change = change;
	event->reason = reason;
	event->trigger = trigger;
	__builtin_memset(event->reserved, 0, sizeof(event->reserved));
	store_submit(event);
}

/* Once, whichever CPU comes first. */
static __noinline void emit_opening(const struct flow_key *key, struct flow *flow, u64 now)
{
	u8 reason = flow->opening_reason;

	if (__sync_lock_test_and_set(&flow->told, 1))
		return;
	emit_flow(key, flow, CHANGE_OPENING, reason,
		  reason == REASON_SYN_ACK ? TRIGGER_DEST : TRIGGER_SRC, now);
}

static __noinline void emit_closing(const struct flow_key *key, const struct flow *flow,
			 enum flow_reason reason, u8 direction, u64 now)
{
	emit_flow(key, flow, CHANGE_CLOSING, reason,
		  direction == flow->initiator ? TRIGGER_SRC : TRIGGER_DEST, now);
}

/* Reports a sample of what `direction` sent, answered by its peer. */
static __always_inline void emit_rtt(const struct flow_key *key, const struct flow *flow, u8 direction, u64 rtt,
		     u32 flags, u64 now)
{
	const struct direction *sent = &flow->direction[direction & 1];
	const struct direction *received = &flow->direction[!direction];
	struct rtt_event *event = store_rtt_event();

	if (!event)
		return;
	set_header(&event->header, EVENT_RTT, key, !direction, flow->cookie, now);
	event->rtt = rtt;
	event->min_rtt = sent->min_rtt;
	event->srtt = sent->srtt;
	event->sent_packets = sent->packets;
	event->sent_bytes = sent->bytes;
	event->rec_packets = received->packets;
	event->rec_bytes = received->bytes;
	event->flags = flags;
	event->reserved = 0;
	store_submit(event);
}

/* --- RTT of a direction --- */

static __always_inline void update_rtt(struct direction *d, u64 rtt)
{
	if (!d->min_rtt || rtt < d->min_rtt)
		d->min_rtt = rtt;
	/* RFC 6298, 2.2 and 2.3, alpha = 1/8 */
	d->srtt = d->srtt ? (7 * d->srtt + rtt) / 8 : rtt;
}

/* An answer acknowledges what it answers (serial arithmetic, RFC 9293, 3.4). */
static __always_inline int acknowledges(const struct segment *s, u32 seq)
{
	return (s32)(s->ack - seq) > 0;
}

/*
 * RFC 7323: TSecr counts only with ACK set. 0 is taken as "none". Acknowledging
 * the remembered data tells its answer from that to a pure ACK which carried the
 * same TSval a moment earlier.
 */
static __always_inline void match(struct flow *flow, const struct segment *s)
{
	u8 sender = !s->direction;
	struct direction *d = &flow->direction[sender];
	struct timestamp_key key = { .cookie = flow->cookie, .identifier = s->tsecr,
				     .direction = sender };
	struct timestamp *remembered;
	u64 rtt;

	if (!(s->flags & TCP_ACK) || !s->tsecr || !d->outstanding)
		return;
	remembered = store_timestamp_lookup(&key);
	if (!remembered || !acknowledges(s, remembered->seq))
		return store_count(COUNTER_NO_MATCH);
	rtt = s->now - remembered->time;
	/* Two CPUs may have found it: whoever deletes it reports. */
	if (store_timestamp_delete(&key))
		return store_count(COUNTER_NO_MATCH);
	__sync_fetch_and_sub(&d->outstanding, 1);
	if ((s64)rtt <= 0)
		return store_count(COUNTER_NO_MATCH);
	store_count(COUNTER_MATCHED);
	d->unanswered = 0;
	update_rtt(d, rtt);
	emit_rtt(&s->key, flow, sender, rtt, s->hook == HOOK_EGRESS ? RTT_MATCH_ON_EGRESS : 0,
		 s->now);
}

/* After a proper end the last ACK still answers the last data; after a reset nothing counts. */
static __noinline void on_stray(struct flow *flow, const struct segment *s)
{
	store_count(COUNTER_LINGERING);
	if (!flow->reset)
		match(flow, s);
}

/* --- remembering --- */

/*
 * Data sent again under a TSval that a pure ACK has carried too: what answers that
 * ACK may acknowledge the data as well, since the peer may have had it before.
 */
static __always_inline int is_ambiguous(const struct direction *d, const struct segment *s)
{
	return s->tsval == d->ack_identifier && (s32)(s->seq - d->next_seq) < 0;
}

/*
 * Whether this is the first data with its TSval. Reordered packets do not turn
 * the clock back: new means 0 < TSval - last < 2^31. Of two CPUs one claims it.
 */
static __always_inline int claim_identifier(const struct flow *flow, struct direction *d,
					    const struct segment *s)
{
	u32 last = d->identifier;
	u32 advance = s->tsval - last;
	u64 since = d->identifier_time;

	if (!since) {
		/* In mid-stream an earlier packet may have carried it: wait for a change. */
		d->identifier = s->tsval;
		return __sync_val_compare_and_swap(&d->identifier_time, 0, s->now) == 0 &&
		       flow->handshake_seen;
	}
	if ((advance == 0 || advance >= 1U << 31) &&
	    (s64)(s->now - since) < (s64)IDENTIFIER_HALF_RANGE_NS)
		return 0;
	if (is_ambiguous(d, s))
		return 0;
	if (__sync_val_compare_and_swap(&d->identifier, last, s->tsval) != last)
		return 0;
	d->identifier_time = s->now;
	return 1;
}

/* The time of an attempt counts even where the map is full, so that heavy flows do not win every free slot. */
static __always_inline int claim_sample(struct direction *d, u64 now)
{
	u64 last = d->sample_time;
	u64 rate = store_settings()->rate;

	if (last && (s64)(now - last) < (s64)rate)
		return 0;
	return __sync_val_compare_and_swap(&d->sample_time, last, now) == last;
}

/* Only this machine's own stack would be measured. Asked once per flow and direction. */
static __always_inline int is_left_out(void *context, struct flow *flow, const struct segment *s)
{
	u8 *locality = &flow->locality[s->direction & 1];

	if (s->hook != HOOK_INGRESS || store_settings()->include_local)
		return 0;
	if (*locality == LOCALITY_UNKNOWN)
		*locality = store_is_local(context, &s->key, !s->direction, s->to_this_host)
				? LOCALITY_LOCAL : LOCALITY_REMOTE;
	return *locality == LOCALITY_LOCAL;
}

static __always_inline u64 timestamp_lifetime(const struct direction *d)
{
	u64 longest = store_settings()->timestamp_timeout;
	u64 lifetime = d->srtt * TIMESTAMP_LIFETIME_SRTTS;

	u32 doublings = d->unanswered;

	if (!d->srtt || lifetime > longest)
		return longest;
	if (lifetime < TIMESTAMP_LIFETIME_MIN_NS)
		lifetime = TIMESTAMP_LIFETIME_MIN_NS;
	if (doublings > TIMESTAMP_LIFETIME_MAX_DOUBLINGS)
		doublings = TIMESTAMP_LIFETIME_MAX_DOUBLINGS;
	lifetime <<= doublings;
	return lifetime < longest ? lifetime : longest;
}

static __always_inline enum counter insert_timestamp(const struct flow *flow, struct direction *d,
					     const struct segment *s)
{
	struct timestamp_key key = { .cookie = flow->cookie, .identifier = s->tsval,
				     .direction = s->direction };
	struct timestamp value = { .time = s->now, .expires = s->now + timestamp_lifetime(d),
				   .seq = s->seq, .flow = s->key };

	int status;

	/* Counted before it can be answered, so that the count never goes below zero. */
	__sync_fetch_and_add(&d->outstanding, 1);
	status = store_timestamp_insert(&key, &value);
	if (!status)
		return COUNTER_REMEMBERED;
	__sync_fetch_and_sub(&d->outstanding, 1);
	return status > 0 ? COUNTER_IDENTIFIER_NOT_NEW : COUNTER_TIMESTAMP_MAP_FULL;
}

/* Pure ACKs are never remembered: the peer does not answer them. */
static __always_inline void note_pure_ack(const struct flow *flow, struct direction *d,
					  const struct segment *s)
{
	d->ack_identifier = s->tsval;
	if (!d->identifier_time && !flow->handshake_seen) {
		d->identifier = s->tsval;
		d->identifier_time = s->now;
	}
}

static __always_inline enum counter try_remember(void *context, struct flow *flow,
						 struct direction *d, const struct segment *s)
{
	if (!claim_identifier(flow, d, s))
		return COUNTER_IDENTIFIER_NOT_NEW;
	if (is_left_out(context, flow, s))
		return COUNTER_LOCAL;
	if (!claim_sample(d, s->now))
		return COUNTER_RATE_LIMITED;
	return insert_timestamp(flow, d, s);
}

static __always_inline void remember(void *context, struct flow *flow, const struct segment *s)
{
	struct direction *d = &flow->direction[s->direction & 1];
	u32 end = s->seq + s->payload;
	int first = !d->identifier_time;

	if (s->payload) {
		store_count(try_remember(context, flow, d, s));
	} else {
		note_pure_ack(flow, d, s);
		store_count(COUNTER_PURE_ACK);
	}
	if (first || (s32)(end - d->next_seq) > 0)
		d->next_seq = end;
}

/* --- connection state --- */

static __always_inline void update_flow(struct flow *flow, const struct segment *s)
{
	struct direction *d = &flow->direction[s->direction & 1];

	d->last_seen = s->now;
	__sync_fetch_and_add(&d->packets, s->packets);
	if (s->payload)
		__sync_fetch_and_add(&d->bytes, s->payload);
	if (flow->state == FLOW_WAITING && s->direction != flow->initiator &&
	    __sync_val_compare_and_swap(&flow->state, FLOW_WAITING, FLOW_OPEN) == FLOW_WAITING)
		emit_opening(&s->key, flow, s->now);
}

static __always_inline void on_fin(struct flow *flow, const struct segment *s)
{
	u32 mine = s->direction ? 2 : 1;

	u32 before;

	if ((__sync_fetch_and_or(&flow->ended, mine) | mine) == 3)
		before = __sync_lock_test_and_set(&flow->state, FLOW_CLOSED);
	else
		before = __sync_val_compare_and_swap(&flow->state, FLOW_OPEN, FLOW_CLOSING);
	if (before == FLOW_OPEN)
		emit_closing(&s->key, flow, REASON_FIN, s->direction, s->now);
}

/* Closes at once. Most RSTs carry no timestamp; none is ever matched. */
static __always_inline void on_reset(const struct segment *s)
{
	struct flow *flow = store_flow_lookup(&s->key);

	store_count(COUNTER_RESET);
	if (!flow) {
		store_embryo_delete(&s->key);
		return;
	}
	flow->reset = 1;
	if (__sync_lock_test_and_set(&flow->state, FLOW_CLOSED) == FLOW_OPEN)
		emit_closing(&s->key, flow, REASON_RST, s->direction, s->now);
}

/* --- opening --- */

/* A late copy of the flow's own handshake; a SYN-ACK never ends a flow. */
static __always_inline int is_own_handshake(const struct flow *flow, const struct segment *s)
{
	if (s->flags & TCP_ACK)
		return 1;
	return s->has_timestamp && flow->handshake_seen && flow->syn_identifier == s->tsval &&
	       flow->syn_seq == s->seq;
}

/* A SYN on a tuple that still has state begins a new connection. */
static __always_inline void end_previous(struct flow *flow, const struct segment *s)
{
	if (__sync_lock_test_and_set(&flow->state, FLOW_CLOSED) == FLOW_OPEN)
		emit_closing(&s->key, flow, REASON_SYN, s->direction, s->now);
	store_flow_delete(&s->key);
}

static __always_inline int is_recent(const struct embryo *embryo, u64 now)
{
	return embryo && now - embryo->time[embryo->time[0] ? 0 : 1] < EMBRYO_TIMEOUT_NS;
}

static __always_inline void on_syn(struct embryo *embryo, const struct segment *s)
{
	embryo->packets[0] += s->packets;
	if (embryo->time[0] && embryo->identifier[0] == s->tsval && embryo->seq[0] == s->seq)
		return;
	embryo->time[0] = s->now;
	embryo->time[1] = 0;
	embryo->rtt = 0;
	embryo->identifier[0] = s->tsval;
	embryo->seq[0] = s->seq;
	embryo->hook[0] = s->hook;
	embryo->to_this_host[0] = s->to_this_host;
	embryo->initiator = s->direction;
}

static __always_inline void on_syn_ack(struct embryo *embryo, const struct segment *s)
{
	embryo->packets[1] += s->packets;
	if (embryo->time[0] && !embryo->rtt && s->tsecr == embryo->identifier[0] &&
	    acknowledges(s, embryo->seq[0]))
		embryo->rtt = s->now - embryo->time[0];
	if (embryo->time[1] && embryo->identifier[1] == s->tsval)
		return;
	embryo->time[1] = s->now;
	embryo->identifier[1] = s->tsval;
	embryo->seq[1] = s->seq;
	embryo->hook[1] = s->hook;
	embryo->to_this_host[1] = s->to_this_host;
	embryo->initiator = !s->direction;
}

/* SYN and SYN-ACK make no flow yet: they are kept as an embryo until the handshake is over. */
static __always_inline void keep_embryo(const struct segment *s)
{
	struct embryo embryo = {};
	struct embryo *known = store_embryo_lookup(&s->key);

	if (is_recent(known, s->now))
		embryo = *known;
	if (s->flags & TCP_ACK)
		on_syn_ack(&embryo, s);
	else
		on_syn(&embryo, s);
	store_embryo_put(&s->key, &embryo);
}

static __always_inline void on_handshake(const struct segment *s)
{
	struct flow *flow = store_flow_lookup(&s->key);

	if (flow && is_own_handshake(flow, s))
		return store_count(flow->state == FLOW_CLOSED ? COUNTER_LINGERING
							      : COUNTER_HANDSHAKE);
	if (flow)
		end_previous(flow, s);
	if (!s->has_timestamp)
		return store_count(COUNTER_NO_TIMESTAMP);
	store_count(COUNTER_HANDSHAKE);
	keep_embryo(s);
}

/* What the handshake told about the packets that `direction` sent; step 0 is the SYN, 1 the SYN-ACK. */
static __always_inline void inherit(struct direction *d, const struct embryo *embryo, int step)
{
	d->last_seen = embryo->time[step];
	d->packets = embryo->packets[step];
	d->identifier = embryo->identifier[step];
	d->identifier_time = embryo->time[step];
	d->next_seq = embryo->seq[step] + 1;
}

/* A sample of the handshake counts against the rate like any other. */
static __always_inline void sample_handshake(void *context, struct flow *flow,
					     const struct embryo *embryo, const struct segment *s,
					     int step, u64 rtt, u64 answered, u8 answer_hook)
{
	u8 sender = step ? !embryo->initiator : embryo->initiator;
	struct direction *d = &flow->direction[sender & 1];

	if ((s64)rtt <= 0)
		return;
	if (embryo->hook[step] == HOOK_INGRESS && !store_settings()->include_local &&
	    store_is_local(context, &s->key, !sender, embryo->to_this_host[step])) {
		flow->locality[sender & 1] = LOCALITY_LOCAL;
		return;
	}
	d->sample_time = embryo->time[step];
	update_rtt(d, rtt);
	store_count(COUNTER_MATCHED);
	emit_rtt(&s->key, flow, sender, rtt,
		 RTT_HANDSHAKE | (answer_hook == HOOK_EGRESS ? RTT_MATCH_ON_EGRESS : 0), answered);
}

static __always_inline void sample_handshakes(void *context, struct flow *flow,
					      const struct embryo *embryo, const struct segment *s)
{
	sample_handshake(context, flow, embryo, s, 0, embryo->rtt, embryo->time[0] + embryo->rtt,
			 embryo->hook[1]);
	if (embryo->time[1] && s->direction == embryo->initiator && s->flags & TCP_ACK &&
	    s->tsecr == embryo->identifier[1] && acknowledges(s, embryo->seq[1]))
		sample_handshake(context, flow, embryo, s, 1, s->now - embryo->time[1], s->now,
				 s->hook);
}

static __always_inline void set_embryonic(struct flow *flow, const struct embryo *embryo,
					  const struct segment *s)
{
	int both_seen = embryo->time[1] && (embryo->time[0] || s->direction == embryo->initiator);

	flow->state = both_seen ? FLOW_OPEN : FLOW_WAITING;
	flow->handshake_seen = 1;
	flow->initiator = embryo->initiator;
	flow->opening_reason = embryo->time[1] ? REASON_SYN_ACK : REASON_SYN;
	flow->syn_identifier = embryo->identifier[0];
	flow->syn_seq = embryo->seq[0];
	if (embryo->time[0])
		inherit(&flow->direction[embryo->initiator & 1], embryo, 0);
	if (embryo->time[1])
		inherit(&flow->direction[!embryo->initiator], embryo, 1);
}

/*
 * The first segment after the handshake makes the flow, with the handshake's
 * identifiers; so does any segment of a connection met in mid-stream, unless it
 * is its last.
 */
static __noinline struct flow *create_flow(const struct segment *s)
{
	struct flow fresh = { .state = FLOW_WAITING, .initiator = s->direction,
			      .opening_reason = REASON_FIRST_PACKET };
	const struct embryo *embryo = store_embryo_lookup(&s->key);
	struct flow *flow;

	if (is_recent(embryo, s->now)) {
		set_embryonic(&fresh, embryo, s);
	} else if (s->flags & TCP_FIN) {
		store_count(COUNTER_LINGERING);
		return 0;
	}
	fresh.cookie = store_next_cookie();
	fresh.direction[s->direction & 1].last_seen = s->now;
	flow = store_flow_create(&s->key, &fresh) ? 0 : store_flow_lookup(&s->key);
	if (!flow)
		store_count(COUNTER_FLOW_MAP_FULL);
	return flow;
}

/* What the handshake of a new flow has to tell. Two CPUs may have met the embryo: whoever deletes it reports. */
static __noinline void report_handshake(void *context, struct flow *flow, const struct segment *s)
{
	const struct embryo *found = store_embryo_lookup(&s->key);
	struct embryo embryo;

	if (flow->state == FLOW_OPEN)
		emit_opening(&s->key, flow, s->now);
	if (!found)
		return;
	embryo = *found;
	if (!store_embryo_delete(&s->key) && store_settings()->handshake)
		sample_handshakes(context, flow, &embryo, s);
}

/* --- forgetting --- */

static __always_inline u64 last_seen(const struct flow *flow)
{
	u64 a = flow->direction[0].last_seen, b = flow->direction[1].last_seen;

	return a > b ? a : b;
}

/* Whether a sweep at `now` should delete the flow; says so first where it was reported open. */
static __always_inline int flow_is_stale(const struct flow_key *key, struct flow *flow, u64 now)
{
	u64 timeout = store_settings()->flow_timeout;
	u32 state = flow->state;

	if (state == FLOW_CLOSED)
		timeout = TOMBSTONE_NS;
	else if (state == FLOW_WAITING && timeout > OPENING_TIMEOUT_NS)
		timeout = OPENING_TIMEOUT_NS;
	if ((s64)(now - last_seen(flow)) <= (s64)timeout)
		return 0;
	if (__sync_lock_test_and_set(&flow->state, FLOW_CLOSED) == FLOW_OPEN)
		emit_flow(key, flow, CHANGE_CLOSING, REASON_TIMEOUT, TRIGGER_CLEANUP, now);
	return 1;
}

/* Deletes the flow unless its tuple has meanwhile been given to another. */
static __always_inline void forget_flow(const struct flow_key *key, u64 cookie)
{
	const struct flow *current = store_flow_lookup(key);

	if (current && current->cookie == cookie)
		store_flow_delete(key);
}

/* Forgets an identifier that nothing answered; its flow may have gone before it. */
static __always_inline void forget_timestamp(const struct timestamp_key *key,
					     const struct flow_key *flow_key)
{
	struct flow *flow = store_flow_lookup(flow_key);

	if (store_timestamp_delete(key))
		return;
	if (!flow || flow->cookie != key->cookie)
		return;
	__sync_fetch_and_sub(&flow->direction[key->direction & 1].outstanding, 1);
	flow->direction[key->direction & 1].unanswered++;
}

#endif
