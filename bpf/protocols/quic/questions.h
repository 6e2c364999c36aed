/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What waits in the flow of a handshake for its answer: of each end one. */
#ifndef PPING_QUIC_QUESTIONS_H
#define PPING_QUIC_QUESTIONS_H

#include "../../core/forgotten.h"
#include "../../core/samples.h"
#include "../../core/spin.h"

/* What follows within so long has been sent with it: nobody sends again what was sent a moment ago. */
#define QUIC_FLIGHT_NS (NS_PER_SECOND / 50)

/* `shown_by` is the id whose use by the other end shows that it has seen this; 0 = none. */
static __noinline void ask_question(void *context, struct flow *flow, const struct packet *p, u32 shown_by)
{
	struct question question = { .time = p->now, .identifier = shown_by, .handshake = 1, .hook = p->hook,
				     .seq = coarse_time_not_0(p->tick) };
	struct question *slot = &flow->samples[p->direction & 1].slot;

	free_slot(slot, slot_time(slot));
	/* What is known of the spin bit is in the slot. */
	flow->known[0] &= ~SPIN_KNOWN;
	/* Also where there is to be no RTT: the answer shows that the flow is real. */
	slot->identifier = shown_by;
	if (!target_settings()->handshake || flow->marks & MARK_PASSED_OVER || is_forgotten_before(flow, p) ||
	    is_left_out(context, flow, p))
		return;
	start_sample(flow, p->direction, p->now);
	fill_slot(slot, &question);
}

/* Whether the client is still to show that it has seen what the server has sent, also where that gives no RTT. */
static __always_inline int is_answer_awaited(const struct flow *flow, const struct packet *p)
{
	return (flow->quic_phase == QUIC_ASKED || flow->quic_phase == QUIC_RETRIED) &&
	       !is_long_ago(flow->direction[flow->initiator & 1].identifier_time, p);
}

/*
 * What nothing will answer any more makes room for the spin bit: what the client sends after the server's first flight may
 * be missing. Whether none is left.
 */
static __always_inline int end_old_questions(struct flow *flow, const struct packet *p)
{
	for (u8 sender = 0; sender < 2; sender++) {
		struct question *slot = &flow->samples[sender].slot;
		u64 time = slot_time(slot);

		if (time && (!is_long_ago(slot->seq, p) || !free_slot(slot, time)))
			return 0;
	}
	return 1;
}

/* The other end's, if there is one. */
static __noinline void answer_question(struct flow *flow, const struct packet *p)
{
	struct question *slot = &flow->samples[!p->direction].slot;
	struct answered answered = { .time = slot_time(slot), .handshake = 1 };

	/* Two CPUs may have found it: whoever frees it tells what came of it. */
	if (free_slot(slot, answered.time))
		conclude(flow, p, judge_time(p, answered.time, answered.time + target_settings()->timestamp_timeout),
			 &answered);
}

/*
 * The sender's own once more: later than its flight it is sent again, and which of the two is answered cannot be told
 * (Karn). Seen at another hook it is the same packet on its way through a router.
 */
static __always_inline void note_again(struct flow *flow, const struct packet *p)
{
	struct question *slot = &flow->samples[p->direction & 1].slot;
	u64 time = slot_time(slot);

	if (time > SLOT_BEING_FILLED && slot->hook == p->hook && (s64)(p->now - time) > (s64)QUIC_FLIGHT_NS)
		drop_slot(slot, time);
}

#endif
