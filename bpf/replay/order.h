/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Putting packets in order, as far as they are out of it by a little: captures of several queues or
 * interfaces often are.
 */
#ifndef PPING_REPLAY_ORDER_H
#define PPING_REPLAY_ORDER_H

#include "input.h"
#include "stores.h"

/* Most places that a packet is moved by, and most that are held back for what is still to come. */
#define MOST_MOVED 128

static u64 times[INPUT_PACKETS];

/* Where packet `at` belongs: before those that are later by up to `window`. */
static __always_inline u32 place_for(u32 at, u64 window)
{
	u64 now = times[at];
	u32 place = at;

	while (now && place && at - place < MOST_MOVED && times[place - 1] > now &&
	       times[place - 1] - now <= window)
		place--;
	return place;
}

static __noinline void move_packet(u32 from, u32 to)
{
	struct captured_packet packet = packets[from];
	u64 now = times[from];

	for (u32 i = from; i > to; i--) {
		packets[i] = packets[i - 1];
		times[i] = times[i - 1];
	}
	packets[to] = packet;
	times[to] = now;
	state.moved++;
}

/* As nearly all are: told by their raw times, since converting those costs. */
static int are_in_order(u32 count)
{
	u32 interface = packets[0].interface, differ = 0;
	u64 before = 0;

	for (u32 at = 0; at < count; at++) {
		const struct captured_packet *packet = &packets[at];
		u64 now = (u64)packet->time_high << 32 | packet->time_low;

		differ |= (now < before) | (packet->interface ^ interface);
		before = now;
	}
	return !differ;
}

static void put_in_order(u32 count, u64 window)
{
	u64 latest = 0;

	for (u32 at = 0; at < count; at++) {
		u64 now = times[at] = time_of(&packets[at]);
		u32 place = now < latest ? place_for(at, window) : at;

		if (place < at)
			move_packet(at, place);
		latest = now > latest ? now : latest;
	}
}

/* Whether what is still to come may precede packet `at`. */
static int may_be_preceded(u32 at, u64 latest, u64 window)
{
	return time_of(&packets[at]) + window > latest;
}

/*
 * Puts the packets of the batch in order, as far as they are out of it by up to `window`.
 * Returns how many of them nothing can precede that is still to come.
 */
static u32 arrange_packets(u32 count, u64 window)
{
	u32 least = count > MOST_MOVED ? count - MOST_MOVED : 0;
	u32 ready = count;
	u64 latest;

	if (!count)
		return 0;
	if (!are_in_order(count))
		put_in_order(count, window);
	latest = time_of(&packets[count - 1]);
	if (may_be_preceded(least, latest, window))
		return least;
	while (may_be_preceded(ready - 1, latest, window))
		ready--;
	return ready;
}

#endif
