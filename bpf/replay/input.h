/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The packets of a capture as the host puts them into memory, and the time that they carry.
 */
#ifndef PPING_REPLAY_INPUT_H
#define PPING_REPLAY_INPUT_H

#include "capture.h"

#define LATEST_NS (1ULL << CLOCK_BITS)

static u8 input[INPUT_BYTES];
static struct captured_packet packets[INPUT_PACKETS];
static struct capture_interface interfaces[INPUT_INTERFACES];
/* By link type: enum link_layer + 1; 0 = cannot be read. For headers that name what is in them. */
static u8 link_layers[INPUT_LINK_TYPES];
/* 1: what is in tunnels is measured. */
static u32 tunnels;
static u32 protocols;
static u32 dns_names;
static struct udp_ports udp_ports;

static __always_inline const volatile struct udp_ports *target_udp_ports(void)
{
	return &udp_ports;
}

static __always_inline int target_are_dns_names(void)
{
	return dns_names;
}

static __always_inline u32 target_protocols(void)
{
	return protocols;
}

static __always_inline u64 binary_ns(u64 ticks, u32 digits)
{
	u64 fraction = ticks & ((1ULL << digits) - 1);

	return (ticks >> digits) * NS_PER_SECOND + (fraction * NS_PER_SECOND >> digits);
}

/* Nanoseconds on the core's clock; 0 when it is no time. */
static __always_inline u64 time_of(const struct captured_packet *packet)
{
	const struct capture_interface *interface = &interfaces[packet->interface];
	u64 ticks = packet->time_high * interface->high_weight + packet->time_low;
	u64 ns;

	if (ticks > interface->most_ticks)
		return 0;
	if (interface->binary_digits)
		ns = binary_ns(ticks, interface->binary_digits);
	else
		ns = ticks * interface->multiplier;
	if (interface->divisor > 1)
		ns /= interface->divisor;
	ns += interface->offset * NS_PER_SECOND;
	return ns < LATEST_NS ? ns + CLOCK_SHIFT_NS : 0;
}

#endif
