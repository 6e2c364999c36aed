/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Layouts and limits that the replay target shares with its host, besides those of pping.h.
 */
#ifndef PPING_CAPTURE_H
#define PPING_CAPTURE_H

#include "../pping.h"

/* What the host has room for. */
enum input_limit {
	INPUT_BYTES = 1 << 20, /* of packets */
	INPUT_PACKETS = 8192,
	INPUT_INTERFACES = 65536,
	INPUT_LINK_TYPES = 512, /* https://www.tcpdump.org/linktypes.html */
};

/* Times of the core's clock are the packets', shifted: to the core 0 is "never". */
enum replay_clock {
	CLOCK_SHIFT_NS = 1000000000,
	CLOCK_BITS = 62, /* up to the year 2116: sums of times stay far from the sign */
};

/* In front of each event, as BPF_RINGBUF_HDR_SZ: its length, then nothing of interest. */
#define RECORD_HEADER_BYTES 8

/* A packet of a batch. */
struct captured_packet {
	u32 data;      /* where its bytes are in linear memory */
	u32 captured;  /* how many of them; fewer than `length` where the snap length cut it */
	u32 length;    /* on the wire */
	u32 time_high; /* in units of its interface: see capture_interface */
	u32 time_low;
	u16 interface; /* index */
	u8 hook;       /* enum hook, as the capture tells it */
	u8 to_this_host;
	u32 segments;  /* that it stands for, where they were merged; 0 and 1 are one */
};

/*
 * What packets of one interface have in common. Their time is a number of ticks,
 * time_high * high_weight + time_low, and a tick is multiplier / divisor ns, or
 * 2^-binary_digits s.
 */
struct capture_interface {
	u64 high_weight;
	u64 most_ticks;    /* more are no time */
	u64 multiplier;
	u64 divisor;
	s64 offset;        /* added to all times, seconds */
	u32 binary_digits; /* 1 to 34; 0 = it is the quotient that counts */
	u32 link_layer;    /* enum link_layer */
	u32 exact_lengths; /* 0: a packet may be longer than its record says, which was cut after that */
	u32 reserved;
};

/* Why a batch was left before its end. */
enum replay_stop {
	STOP_END = 0,
	STOP_TIME = 1,    /* the next packet is not before the time given */
	STOP_ROOM = 2,    /* the events have to be taken first */
	STOP_ENOUGH = 3,  /* as many RTTs as wanted */
	STOP_BACK = 4,    /* the next packet is much earlier than one before: the clock was set */
};

/* How far a replay has come. */
struct replay_state {
	u64 first;     /* time of the first packet; 0 = none yet */
	u64 latest;    /* the latest time of a packet */
	u64 next;      /* time of the packet that a batch was left at */
	u64 backwards; /* packets earlier than one before them, though not by much */
	u64 furthest;  /* the most of that, in ns */
	u64 rtts;      /* RTTs reported */
	u64 timeless;  /* packets left out because their time is none */
	u64 moved;     /* packets put where they belong by arrange() */
	u32 stop;      /* enum replay_stop */
	u32 events;    /* bytes of events that wait to be taken */
};

_Static_assert(sizeof(struct captured_packet) == 28, "captured_packet has no padding");
_Static_assert(sizeof(struct capture_interface) == 56, "capture_interface has no padding");
_Static_assert(sizeof(struct replay_state) == 72, "replay_state has no padding");

#endif
