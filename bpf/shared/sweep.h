/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a sweep is told, and tells. */
#ifndef PPING_SHARED_SWEEP_H
#define PPING_SHARED_SWEEP_H

#include "types.h"

/* In and out of one sweep over both maps. The stack has room for no more than this (6.1). */
struct sweep {
	u64 now;   /* in: 0 takes the kernel's clock */
	u64 flush; /* in: 1 reports all samples still held back */
	u64 flows; /* entries met, those then deleted included */
	u64 flows_deleted;
	u32 flows_waiting;   /* of those left: seen in one direction only */
	u32 flows_unassured; /* of those left: assured.h */
	u64 timestamps;    /* identifiers met, those then forgotten included */
	u64 timestamps_deleted;
	u32 slots;         /* of those left: in their flows, the others in the timestamp map */
	u32 queries;       /* of DNS that are left */
	u64 tick;          /* out: when, by the coarse clock */
	u64 is_crowded;    /* decided when it begins, so that its order does not matter */
	u32 quic_none;     /* flows of QUIC seen both ways, of those left, by enum spin */
	u32 quic_constant;
	u32 quic_random;
	u32 quic_valid;
};

_Static_assert(sizeof(struct sweep) == 96, "sweep has no padding");

#endif
