/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What all events begin with, what is told of an RTT, and what CPUs see of each other's writing.
 */
#ifndef PPING_RECORDS_H
#define PPING_RECORDS_H

#include "lives.h"

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
	header->version_type = key->ip_version << VERSION_TYPE_BITS | type;
	header->protocol = key->protocol;
	header->place = key->place;
}

/* What a report says beyond its flow. */
struct report {
	u64 rtt;
	u64 least;   /* of all samples it stands for */
	u32 samples;
	u32 flags;   /* enum rtt_flag */
};

/* Of one sample. */
static __always_inline struct report report_of(u64 rtt, u32 flags)
{
	struct report report = { .rtt = rtt, .least = rtt, .samples = 1, .flags = flags };

	return report;
}

/* What has come of a query. */
struct dns_outcome {
	u64 time;    /* ns from the query to its response, or that it was waited for */
	u32 flags;   /* as of struct dns_event */
	u16 id;
	u8 rcode;
	u8 resolver; /* the direction that it sends */
};

/* Also between CPUs that order their memory weakly: an atomic operation without a result would be none. */
static __always_inline void full_barrier(u32 *word)
{
	u32 value = __sync_fetch_and_add(word, 0);

	asm volatile("" : : "r"(value));
}

/*
 * Submits what was read of the flow that had that cookie before; -1 where another CPU has ended it meanwhile, and another
 * flow may have its memory: what was read may be of both, and is discarded. So it is of a memory that is being filled,
 * which has no cookie yet: 0.
 */
static __always_inline int submit_of(void *event, const struct flow *flow, u64 cookie)
{
	full_barrier(event);
	if (unlikely(!cookie || cookie_of(flow) != cookie)) {
		target_discard(event);
		return -1;
	}
	target_submit_ordered(event);
	return 0;
}

#endif
