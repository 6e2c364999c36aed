/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the programs are told: constants, set before they are loaded, and what may change at any time. */
#ifndef PPING_KERNEL_SETTINGS_H
#define PPING_KERNEL_SETTINGS_H

#include "../core/state.h"

#define MAX_FLOWS 131072 /* unless it is set before loading */

/* Sections of their own make each of these a map whose only content it is. */

/* Set before loading: the verifier folds the branches away. */
const volatile struct fixed_settings fixed SEC(".rodata.fixed") = {
	.link_layer = LINK_ETHERNET,
	.max_flows = MAX_FLOWS,
	.filtered = 1,
};

/* Likewise: without a filter there is nothing left of it. */
const volatile struct filter filter SEC(".rodata.filter") = {};

/* Likewise: where nothing is counted there is nothing left of it. */
const volatile struct aggregation aggregation SEC(".rodata.aggregation") = {};

/* The global-variable map, mapped into user space: may change at any time. */
volatile struct settings settings SEC(".data.settings") = {
	.rate = 100 * 1000 * 1000,
	.flow_timeout = 300 * NS_PER_SECOND,
	.timestamp_timeout = 10 * NS_PER_SECOND,
	.min_window = 300 * NS_PER_SECOND,
	.handshake = 1,
};

static __always_inline const volatile struct filter *target_filter(void)
{
	return &filter;
}

static __always_inline volatile struct settings *target_settings(void)
{
	return &settings;
}

static __always_inline const volatile struct aggregation *target_aggregation(void)
{
	return &aggregation;
}

static __always_inline u32 target_max_flows(void)
{
	return fixed.max_flows;
}

static __always_inline u32 target_protocols(void)
{
	return fixed.protocols;
}

static __always_inline const volatile struct udp_ports *target_udp_ports(void)
{
	return &fixed.udp_ports;
}

static __always_inline int target_are_dns_names(void)
{
	return fixed.dns_names;
}

#endif
