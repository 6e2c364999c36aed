/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Handshakes that are not over: what is kept of a SYN and a SYN-ACK, and which segments are of
 * their connection.
 */
#ifndef PPING_TCP_EMBRYOS_H
#define PPING_TCP_EMBRYOS_H

#include "sequences.h"
#include "../../core/owners.h"

/* A SYN older than this says nothing about a segment seen now (tcp_synack_retries: 63 s). */
#define EMBRYO_TIMEOUT_NS (64 * NS_PER_SECOND)

/*
 * How far beyond its handshake a connection's first segment may be, where those before it were
 * not seen.
 */
#define MOST_BEYOND_HANDSHAKE (1U << 24)

static __always_inline int was_begun(const struct embryo *embryo)
{
	return embryo->time[0] || embryo->time[1];
}

static __always_inline int is_known(const struct embryo *embryo)
{
	return was_begun(embryo) && !embryo->is_reset;
}

static __always_inline int is_recent(const struct embryo *embryo, u64 now)
{
	return (s64)(now - embryo->time[embryo->time[0] ? 0 : 1]) < (s64)EMBRYO_TIMEOUT_NS;
}

/*
 * A copy of the embryo of the segment's tuple; blank where there is none, or one that is too old.
 * 0 where there is no room. One copy of the code for all.
 */
static __noinline struct embryo *find_embryo(const struct packet *p)
{
	struct embryo *embryo = store_embryo_copy(&p->key);

	if (embryo && was_begun(embryo) && !is_recent(embryo, p->now))
		__builtin_memset(embryo, 0, sizeof(*embryo));
	return embryo;
}

/* Whether the segment acknowledges the embryo's SYN, and no more than went with it. */
static __always_inline int acknowledges_syn(const struct embryo *embryo, const struct packet *p)
{
	return p->tcp.flags & TCP_ACK && p->tcp.ack - embryo->seq[0] - 1 <= embryo->payload[0];
}

/* Exactly the embryo's SYN-ACK, likewise. */
static __always_inline int acknowledges_syn_ack(const struct embryo *embryo, const struct packet *p)
{
	return p->tcp.flags & TCP_ACK && p->tcp.ack - embryo->seq[1] - 1 <= embryo->payload[1];
}

static __always_inline int is_beyond(u32 number, u32 initial)
{
	return number - initial - 1 < MOST_BEYOND_HANDSHAKE;
}

/* Or also what was seen after the SYN: see takes_over(). */
static __always_inline int acknowledges_passed(const struct embryo *embryo, const struct packet *p)
{
	return p->tcp.flags & TCP_ACK && p->tcp.ack - embryo->seq[0] - 1 <= embryo->passed;
}

/* What an end sends at a time before it has heard the other: hardly more (RFC 6928), and who guesses has to hit it. */
#define FIRST_WINDOW (1 << 16)

/*
 * Where the embryo is, and not in a copy of all of it: another CPU may have made its flow, or have seen more.
 * Not what is `most` or more beyond what was noted before.
 */
static __always_inline void note_passed(struct embryo *embryo, const struct packet *p, u32 end, u32 most)
{
	u32 length = end - embryo->seq[0] - 1;
	struct embryo *stored;

	if (length <= embryo->passed || length - embryo->passed >= most || length >= MOST_BEYOND_HANDSHAKE)
		return;
	embryo->passed = length;
	stored = store_embryo_lookup(&p->key);
	if (stored && stored->seq[0] == embryo->seq[0] && stored->passed < length)
		stored->passed = length;
}

/* Up to where the initiator (step 0) or the responder (1) has sent. */
static __always_inline u32 end_of_step(const struct embryo *embryo, int step)
{
	u32 length = embryo->payload[step];

	if (!step && embryo->passed > length)
		length = embryo->passed;
	return embryo->seq[step] + 1 + length;
}

static __always_inline int acknowledges_beyond(const struct embryo *embryo, const struct packet *p)
{
	return p->tcp.flags & TCP_ACK && is_beyond(p->tcp.ack, embryo->seq[0]);
}

/*
 * Whether a segment belongs to the connection that the embryo began, and not to another on the
 * same ports before it: it comes after both SYNs in sequence space, as far as they were seen. Of the
 * responder, whose SYN-ACK was not seen, that is not enough: where it still has a connection that had come
 * a little further, it acknowledges that (RFC 9293, 3.5.1), and the RST that follows is of that one.
 */
static __always_inline int belongs(const struct embryo *embryo, const struct packet *p)
{
	int acknowledges_both = p->tcp.flags & TCP_ACK && is_beyond(p->tcp.ack, embryo->seq[1]);

	if (p->direction == embryo->initiator)
		return is_beyond(p->tcp.seq, embryo->seq[0]) &&
		       (acknowledges_both || !embryo->time[1]);
	if (!embryo->time[1])
		return acknowledges_syn(embryo, p) || acknowledges_passed(embryo, p);
	return acknowledges_beyond(embryo, p) && is_beyond(p->tcp.seq, embryo->seq[1]);
}

/* Whether its connection has timestamps: as far as was seen, both ends have sent them (RFC 7323, 1.3). */
static __always_inline int is_stamped(const struct embryo *embryo)
{
	return (!embryo->time[0] || embryo->has_timestamp[0]) &&
	       (!embryo->time[1] || embryo->has_timestamp[1]);
}

/* Both ends have agreed on timestamps: TCP itself would drop what has none (RFC 7323, 3.2). */
static __always_inline int lacks_timestamp(const struct embryo *embryo, const struct packet *p)
{
	return !p->tcp.has_timestamp && embryo->time[0] && embryo->time[1] && is_stamped(embryo);
}

#endif
