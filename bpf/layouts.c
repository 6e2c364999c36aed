// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What user space knows of layouts: compiled for its BTF alone, which `make layout` makes
 * src/core/layouts.ts from, and never loaded. All that is named here gets into that file, and all
 * that is part of it. As in the object that knows the most: with PPING_OWNERS and PPING_ORIGINALS.
 */
#include "pping.h"
#include "core/flows.h"
#include "programs.h"
#include "replay/capture.h"
#include "socket_owners.h"

/* What BTF does not say, or not without more that nobody needs. */
enum size {
	SIZE_COMM = COMM_BYTES,
	SIZE_FLOW_KEY = sizeof(struct flow_key),
	SIZE_FLOW = sizeof(struct flow),
	SIZE_TIMESTAMP_KEY = sizeof(struct timestamp_key),
	SIZE_TIMESTAMP = sizeof(struct timestamp),
	SIZE_DNS_QUESTION = DNS_QUESTION_BYTES,
	SIZE_FLOW_LOSSES = sizeof(struct flow_losses),
	SIZE_RECORD_HEADER = RECORD_HEADER_BYTES,
};

/* A pointer is enough to have a type in the BTF. */
#define LAYOUT_OF(kind, name) const kind name *kind##_##name

LAYOUT_OF(enum, size);
LAYOUT_OF(enum, place);
LAYOUT_OF(enum, tunnel);
LAYOUT_OF(enum, limit);
LAYOUT_OF(enum, hook);
LAYOUT_OF(enum, link_layer);
LAYOUT_OF(enum, counter);
LAYOUT_OF(enum, unread);

/* Settings. */
LAYOUT_OF(struct, fixed_settings);
LAYOUT_OF(struct, settings);
LAYOUT_OF(enum, reader_state);
LAYOUT_OF(enum, rtt_type);
LAYOUT_OF(struct, filter);
LAYOUT_OF(struct, port_range);
LAYOUT_OF(struct, aggregation);
LAYOUT_OF(enum, aggregate_by);
LAYOUT_OF(struct, owner_filter);
LAYOUT_OF(enum, noted_sockets);
LAYOUT_OF(struct, cgroup_place);
LAYOUT_OF(struct, sweep);
LAYOUT_OF(struct, carried);
LAYOUT_OF(enum, carried_slots);
LAYOUT_OF(struct, entry);
LAYOUT_OF(enum, entry_cb);
LAYOUT_OF(enum, entry_program);

/* Events. */
LAYOUT_OF(enum, event_type);
LAYOUT_OF(enum, version_type);
LAYOUT_OF(enum, protocol);
LAYOUT_OF(enum, protocols);
LAYOUT_OF(struct, udp_ports);
LAYOUT_OF(struct, rtt_event);
LAYOUT_OF(enum, rtt_flag);
LAYOUT_OF(struct, flow_event);
LAYOUT_OF(enum, flow_change);
LAYOUT_OF(enum, unmeasured);
LAYOUT_OF(enum, spin);
LAYOUT_OF(enum, flow_reason);
LAYOUT_OF(enum, flow_trigger);
LAYOUT_OF(struct, overdue_event);
LAYOUT_OF(struct, dns_event);
LAYOUT_OF(enum, dns_flag);
LAYOUT_OF(struct, owner_event);
LAYOUT_OF(enum, owner_pid);
LAYOUT_OF(struct, original_event);
LAYOUT_OF(enum, original_state);
LAYOUT_OF(enum, originals);

/* What is counted. */
LAYOUT_OF(struct, aggregate_key);
LAYOUT_OF(enum, aggregate_owner);
LAYOUT_OF(struct, traffic);
LAYOUT_OF(enum, dns_rcodes);
LAYOUT_OF(struct, dns_counts);
LAYOUT_OF(enum, aggregate_side);
LAYOUT_OF(enum, aggregate_shape);
LAYOUT_OF(struct, aggregate);

/* What walks tell. */
LAYOUT_OF(struct, socket_owner);
LAYOUT_OF(struct, open_connection);
LAYOUT_OF(struct, unowned_flow);
LAYOUT_OF(struct, unowned_walk);
LAYOUT_OF(enum, unowned_verdict);
LAYOUT_OF(enum, known);
LAYOUT_OF(struct, program_name);

/* A replay. */
LAYOUT_OF(enum, input_limit);
LAYOUT_OF(enum, replay_clock);
LAYOUT_OF(struct, captured_packet);
LAYOUT_OF(struct, capture_interface);
LAYOUT_OF(struct, replay_state);
LAYOUT_OF(enum, replay_stop);
