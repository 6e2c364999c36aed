/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * SYNs of another connection while the handshake of one is under way on the same ports. Anyone can send one, and a
 * client that has given up an attempt begins another. The last of them is kept beside the embryo, which stays as it
 * is: a SYN-ACK tells which of the two goes on.
 */
#ifndef PPING_TCP_RIVAL_SYNS_H
#define PPING_TCP_RIVAL_SYNS_H

#include "embryos.h"

static __always_inline int is_rival_syn(const struct embryo *embryo, const struct packet *p)
{
	return embryo->time[0] && is_known(embryo) &&
	       (embryo->seq[0] != p->tcp.seq || p->direction != embryo->initiator);
}

static __always_inline int acknowledges_rival(const struct embryo *embryo, const struct packet *p)
{
	return embryo->rival.time && p->direction != embryo->rival.initiator && p->tcp.flags & TCP_ACK &&
	       p->tcp.ack - embryo->rival.seq - 1 <= embryo->rival.payload;
}

/*
 * As is_sent_again() and note_step(). Once the TSval of one does not tell it from those before, none after it gives
 * an RTT, either.
 */
static __always_inline void note_rival_syn(struct embryo *embryo, const struct packet *p)
{
	struct syn *rival = &embryo->rival;
	int crosses = p->direction != embryo->initiator;
	int is_of_same = rival->time && rival->initiator == p->direction;
	int is_newer = !is_of_same || (s32)(p->tcp.tsval - rival->identifier) > 0;

	if (is_of_same && rival->seq == p->tcp.seq) {
		rival->packets += p->packets;
		/* At another hook it is the same packet on its way through a router. */
		if (rival->hook != p->hook)
			return;
		if (rival->repeats < 255)
			rival->repeats++;
	} else {
		rival->packets = p->packets;
		rival->repeats = 0;
	}
	rival->again |= !is_newer || (rival->time && !is_of_same) || (crosses && embryo->simultaneous);
	embryo->disputed = 1;
	embryo->simultaneous |= crosses;
	if (is_newer)
		rival->identifier = p->tcp.tsval;
	rival->time = p->now;
	rival->seq = p->tcp.seq;
	rival->payload = p->payload;
	rival->initiator = p->direction;
	rival->hook = p->hook;
	rival->has_timestamp = p->tcp.has_timestamp;
	rival->to_this_host = p->to_this_host;
}

/* What was known of the handshake on these ports is of another; what may be sent again stays known. */
static __always_inline void begin_anew(struct embryo *embryo)
{
	forget_embryo_owner(embryo);
	embryo->packets[0] = embryo->packets[1] = 0;
	embryo->repeats[0] = embryo->repeats[1] = 0;
	embryo->time[1] = 0;
	embryo->passed = 0;
	embryo->is_answered = 0;
}

/* It was answered. */
static __always_inline void take_rival_syn(struct embryo *embryo)
{
	struct syn *rival = &embryo->rival;
	int is_newest;

	begin_anew(embryo);
	if (rival->initiator != embryo->initiator)
		embryo->seen[0] = embryo->seen[1] = 0;
	is_newest = !embryo->seen[0] || (s32)(rival->identifier - embryo->identifier[0]) > 0;
	embryo->again[0] = rival->again || !is_newest;
	if (is_newest)
		embryo->identifier[0] = rival->identifier;
	embryo->seen[0] = 1;
	embryo->time[0] = rival->time;
	embryo->seq[0] = rival->seq;
	embryo->packets[0] = rival->packets;
	embryo->payload[0] = rival->payload;
	embryo->repeats[0] = rival->repeats;
	embryo->hook[0] = rival->hook;
	embryo->has_timestamp[0] = rival->has_timestamp;
	embryo->to_this_host[0] = rival->to_this_host;
	embryo->initiator = rival->initiator;
	rival->time = 0;
}

/* No SYN-ACK tells any more; its TSval may come again. */
static __always_inline void forget_rival_syn(struct embryo *embryo)
{
	struct syn *rival = &embryo->rival;

	if (rival->time && rival->initiator == embryo->initiator &&
	    (s32)(rival->identifier - embryo->identifier[0]) > 0)
		embryo->identifier[0] = rival->identifier;
	rival->time = 0;
}

#endif
