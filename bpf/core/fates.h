/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What becomes of packets that are not measured.
 */
#ifndef PPING_FATES_H
#define PPING_FATES_H

#include "../parse/unread.h"
#include "state.h"

static __always_inline void count_filtered(u32 bytes)
{
	store_count(COUNTER_FILTERED);
	store_add(COUNTER_FILTERED_BYTES, bytes);
}

/* A packet that cannot give an RTT. */
static __always_inline void count_unmeasurable(enum counter counter, u32 bytes)
{
	store_count(counter);
	store_add(COUNTER_UNMEASURABLE_BYTES, bytes);
}

/* One of another protocol than TCP. Its bytes are counted apart, so that what is left is TCP's, which pays nothing. */
static __always_inline void count_beside_tcp(enum counter fate, enum counter bytes_of, u32 bytes)
{
	store_count_fate(fate);
	store_add(fate == COUNTER_FILTERED ? COUNTER_FILTERED_BYTES : bytes_of, bytes);
}

static __always_inline enum counter counter_for(enum parse_result result)
{
	switch (result) {
	case PARSE_NOT_IP:
		return COUNTER_NOT_IP;
	case PARSE_NOT_TCP:
	case PARSE_NOT_ECHO:
		return COUNTER_NOT_TCP;
	case PARSE_FRAGMENT:
		return COUNTER_FRAGMENT;
	case PARSE_TRUNCATED:
		return COUNTER_TRUNCATED;
	default:
		return COUNTER_MALFORMED;
	}
}

/* What parsing made nothing of is counted by its reason, and by what it is, and that is all. */
static __always_inline void count_unparsed(enum parse_result result, u32 bytes,
					   packet_source *source, u32 link, u32 length)
{
	struct unread_walk walk = { .link = link, .length = length,
				    .is_ip = result == PARSE_NOT_TCP || result == PARSE_NOT_ECHO };
	u32 kind = UNREAD_COUNT;

	if (result == PARSE_NOT_IP || walk.is_ip)
		kind = kind_of_unread(source, &walk);
	store_count_unparsed(counter_for(result), kind);
	store_add(COUNTER_UNMEASURABLE_BYTES, bytes);
}

#endif
