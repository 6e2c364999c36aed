/* SPDX-License-Identifier: MIT */
/*
 * What a delay line does to frames beside delaying them: it loses some, and puts some out of order.
 * Which ones is drawn from a seed, so that it is the n-th frames in each run.
 */
#ifndef LAB_FAULTS_H
#define LAB_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#define MOST_PLACES 8 /* by which a frame is too early */

/* Of a thousand frames. */
static unsigned int lost_of_1000, early_of_1000;

static uint32_t draw(void)
{
	static uint32_t state = 2463534242; /* xorshift32 */

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static bool is_to_be_lost(void)
{
	return lost_of_1000 && draw() % 1000 < lost_of_1000;
}

/* How many places before its own the frame is to leave. */
static uint32_t places_early(void)
{
	return early_of_1000 && draw() % 1000 < early_of_1000 ? 1 + draw() % MOST_PLACES : 0;
}

#endif
