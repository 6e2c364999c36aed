// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The replay target: the core as WebAssembly, over packets of a capture.
 *
 * The host (src/replay/core.ts) puts packets into linear memory, has them processed in
 * batches, and takes the events from where they are put, in the ring buffer's layout.
 * Nothing is imported. Time is the packets', shifted by a second: to the core 0 is "never".
 */
#include "replay/capture.h"

/* A packet, of which the bytes from `start` to `end` were captured. */
typedef struct {
	const unsigned char *start;
	const unsigned char *end;
} packet_source;

#include "core/filter.h"
#include "core/queries.h"
#include "core/sweeps.h"
#include "protocols/packets.h"
#include "replay/stores.h"
#include "replay/order.h"
#include "replay/sides.h"
#include "replay/wrapped.h"

#define EXPORT(name) __attribute__((export_name(#name))) name

/* No packet makes more events than this, and no step of a sweep. */
#define MOST_EVENTS 16
#define ROOM_BYTES (MOST_EVENTS * (RECORD_HEADER_BYTES + sizeof(struct rtt_event)))

/* Merged captures are out of order by less; a clock that was set, by more. */
#define MOST_BACK_NS NS_PER_SECOND

/* For what one packet, or one step of a sweep, tells. */
static __always_inline int is_room_left(void)
{
	return events_used <= EVENT_BYTES - ROOM_BYTES;
}

static __always_inline void count_packet(u8 hook, u32 bytes)
{
	enum counter counter = hook == HOOK_EGRESS ? COUNTER_EGRESS : COUNTER_INGRESS;

	store_count_packet(hook == HOOK_UNKNOWN ? COUNTER_CAPTURED : counter, bytes);
}

/* --- packets --- */

static __always_inline int packet_load(packet_source *source, u32 offset, void *to, u32 length)
{
	u32 captured = source->end - source->start;

	if (offset > captured || length > captured - offset)
		return -1;
	for (u32 i = 0; i < length; i++)
		((u8 *)to)[i] = source->start[offset + i];
	return 0;
}

/* No verifier asks. */
static __always_inline int packet_load_up_to(packet_source *source, u32 offset, void *to, u32 length, u32 most)
{
	return packet_load(source, offset, to, length);
}

/* Apart from parsing: of one function with all of it engines make slower code, and later. */
static __noinline void measure(packet_source *source, struct packet *p)
{
	if (!is_uncommon(p))
		process_packet(0, p);
	if (!is_uncommon(p))
		return;
	if (is_quic_packet(p))
		process_quic(source, p);
	else
		process_uncommon(source, p);
}

/* A frame of which `result` was found so far. */
static __always_inline void observe_inner(const struct captured_packet *frame, const struct inner *f,
					  enum parse_result result, int may_be_cut, u64 now)
{
	packet_source source = { .start = f->position, .end = f->end };
	struct vantage at = { .link = f->link, .interface = f->interface, .may_be_cut = may_be_cut };
	struct packet p;

	if (result == PARSE_OK)
		result = parse_packet(&source, source.start, source.end, f->length, &at, &p);
	if (unlikely(result == PARSE_NOT_TCP) && tunnels) {
		result = find_tunneled(&source, f->length, may_be_cut, &p);
		if (result == PARSE_OK)
			result = parse_tunneled(&source, source.start, source.end, f->length, &p);
	}
	if (result != PARSE_OK) {
		count_packet(f->side.hook, frame->length);
		if (result == PARSE_TRUNCATED && frame->captured >= frame->length && !may_be_cut)
			result = PARSE_MALFORMED;
		return count_unparsed(result, frame->length, &source, f->link, f->length);
	}
	seen_at[p.key.place] = frame->interface;
	p.hook = hook_of(f->side.hook, &p);
	count_packet(p.hook, frame->length);
	if (is_filtered(&p.key))
		return count_filtered(frame->length);
	p.tick = p.now = now;
	p.bytes = frame->length;
	p.packets = frame->segments > 1 ? frame->segments : 1;
	p.to_this_host = f->side.to_this_host;
	measure(&source, &p);
}

static __always_inline struct inner whole(const struct captured_packet *frame, u32 link)
{
	const u8 *data = (const u8 *)frame->data;
	struct inner f = { .position = data, .end = data + frame->captured, .length = frame->length,
			   .link = link, .interface = frame->interface,
			   .side = side_of(frame, link) };

	return f;
}

/* Apart: what most captures have needs none of it. */
static __noinline void observe_wrapped(const struct captured_packet *frame, u32 link, int may_be_cut,
				       u64 now)
{
	struct inner f = whole(frame, link);
	enum parse_result result = unwrap(&f);

	observe_inner(frame, &f, result, may_be_cut, now);
}

static __always_inline void observe(const struct captured_packet *frame, u64 now)
{
	const struct capture_interface *interface = &interfaces[frame->interface];
	int may_be_cut = !interface->exact_lengths;
	struct inner f;

	if (unlikely(is_wrapped(interface->link_layer)))
		return observe_wrapped(frame, interface->link_layer, may_be_cut, now);
	f = whole(frame, interface->link_layer);
	observe_inner(frame, &f, PARSE_OK, may_be_cut, now);
}

/* Whether response times of DNS are among the RTTs that are enough. */
static u32 responses_counted = 1;

/* Whether a packet at `now` is to be left for later, and why. */
static __always_inline enum replay_stop stop_before(u64 now, u64 until, u64 enough_rtts)
{
	u64 reported = state.rtts + (responses_counted ? counters.by_cause[COUNTER_DNS_ANSWERED] : 0);

	if (reported >= enough_rtts)
		return STOP_ENOUGH;
	if (!is_room_left())
		return STOP_ROOM;
	if (now >= until)
		return STOP_TIME;
	if (now < state.latest && state.latest - now > MOST_BACK_NS)
		return STOP_BACK;
	return STOP_END;
}

static __always_inline void keep_time(u64 now)
{
	if (!state.first)
		state.first = now;
	if (now >= state.latest) {
		state.latest = now;
		return;
	}
	state.backwards++;
	if (state.latest - now > state.furthest)
		state.furthest = state.latest - now;
}

/* arrange_packets() */
u32 EXPORT(arrange)(u32 count, u64 window)
{
	return arrange_packets(count, window);
}

/*
 * Processes packets[at] to packets[count - 1], as far as those before `until` go and until
 * there have been `enough_rtts`, response times of DNS included unless set_responses_counted(0). Returns the index of
 * the first that it left; state.stop says why.
 */
u32 EXPORT(process)(u32 at, u32 count, u64 until, u64 enough_rtts)
{
	state.stop = STOP_END;
	for (; at < count; at++) {
		u64 now = time_of(&packets[at]);

		if (!now) {
			state.timeless++;
			continue;
		}
		state.stop = stop_before(now, until, enough_rtts);
		if (state.stop != STOP_END) {
			state.next = now;
			break;
		}
		keep_time(now);
		observe(&packets[at], now);
	}
	state.events = events_used;
	return at;
}

/* --- sweeps --- */

static struct sweep sweep;
static struct node *next_flow, *next_timestamp, *next_query;

/* Begins a sweep with what the host has put into struct sweep. */
void EXPORT(begin_sweep)(void)
{
	struct sweep fresh = { .now = sweep.now, .tick = sweep.now, .flush = sweep.flush,
			       .is_crowded = is_crowded() };

	sweep = fresh;
	next_flow = flows.oldest;
	next_timestamp = timestamps.oldest;
	next_query = queries.oldest;
}

/* Goes on with it, until it is over (0) or the events have to be taken first (1). */
u32 EXPORT(continue_sweep)(void)
{
	struct node *node;

	while ((node = next_flow) && is_room_left()) {
		next_flow = node->newer;
		sweep_flow((void *)node->content, node_value(node, sizeof(struct flow_key)),
			   &sweep);
	}
	while (!next_flow && (node = next_timestamp) && is_room_left()) {
		next_timestamp = node->newer;
		sweep_timestamp((void *)node->content,
				node_value(node, sizeof(struct timestamp_key)), &sweep);
	}
	while (!next_flow && !next_timestamp && (node = next_query) && is_room_left()) {
		next_query = node->newer;
		sweep_query((void *)node->content, node_value(node, sizeof(struct dns_key)), &sweep);
	}
	state.events = events_used;
	return next_flow || next_timestamp || next_query;
}

/* --- aggregates --- */

/* An interval begins, of at most `most` aggregates, and those of others that are added to them. */
void EXPORT(begin_aggregates)(u32 most)
{
	table_clear(&aggregates);
	aggregates.max_entries = most;
}

/* For those of this protocol that find no room, one for each side. */
void EXPORT(add_others)(u32 protocol)
{
	struct aggregate_key others = { .protocol = protocol, .owner = AGGREGATE_OWNER_OTHERS };

	aggregates.max_entries += AGGREGATE_SIDES;
	for (others.side = 0; others.side < AGGREGATE_SIDES; others.side++)
		store_aggregate_create(&aggregates, &others);
}

/* What flows have carried in the interval that is about to end; before its aggregates are taken. */
void EXPORT(count_traffic_of_all)(void)
{
	for (struct node *node = flows.oldest; node; node = node->newer) {
		struct flow *flow = node_value(node, sizeof(struct flow_key));

		count_traffic((void *)node->content, flow, cookie_of(flow));
	}
}

/* Where the next one is, its key before it, in the order in which they came; 0 where there is none. Good until the next call. */
void *EXPORT(take_aggregate)(void)
{
	struct node *node = aggregates.oldest;

	if (!node)
		return 0;
	unlink_node(&aggregates, node);
	return node->content;
}

/* --- for the host --- */

/* To be called first. */
void EXPORT(start)(u32 max_flows, u32 max_timestamps, u64 seed)
{
	arena_begin();
	seed_hash(seed);
	flows.max_entries = losses.max_entries = counted.max_entries = max_flows;
	timestamps.max_entries = max_timestamps;
}

static u32 unanswered_queries(void)
{
	u32 unanswered = 0;

	for (struct node *node = queries.oldest; node; node = node->newer) {
		const struct dns_key *key = (const void *)node->content;
		const struct dns_query *query = node_value(node, sizeof(*key));

		unanswered += !key->is_over && !query->responses;
	}
	return unanswered;
}

/* Of flows that are forgotten. */
static void count_all_ended(void)
{
	for (struct node *node = flows.oldest; node; node = node->newer) {
		struct flow *flow = node_value(node, sizeof(struct flow_key));

		count_ended(flow, state_of(flow));
	}
}

/* Forgets all connections, as when time begins anew. */
void EXPORT(forget)(void)
{
	const u64 *count = counters.by_cause;

	count_traffic_of_all();
	count_all_ended();
	store_add(COUNTER_UNANSWERED,
		  count[COUNTER_REMEMBERED] - count[COUNTER_MATCHED] - count[COUNTER_UNANSWERED] -
			  count[COUNTER_AMBIGUOUS] - count[COUNTER_SUPERSEDED] -
			  count[COUNTER_BELOW_RESOLUTION]);
	store_add(COUNTER_DNS_UNANSWERED, unanswered_queries());
	table_clear(&flows);
	table_clear(&losses);
	table_clear(&counted);
	table_clear(&timestamps);
	table_clear(&embryos);
	table_clear(&queries);
	table_clear(&forgotten);
	unassured = 0;
	state.latest = 0;
}

/* All events have been taken. */
void EXPORT(take_events)(void)
{
	events_used = state.events = 0;
}

void EXPORT(set_local_prefixes)(u32 count, u32 is_guess)
{
	local_prefix_count = count;
	local_is_guess = is_guess;
}

/* enum protocols */
void EXPORT(set_protocols)(u32 asked)
{
	protocols = asked;
}

void EXPORT(set_dns_names)(u32 are_told)
{
	dns_names = are_told;
}

void EXPORT(set_responses_counted)(u32 are_counted)
{
	responses_counted = are_counted;
}

void EXPORT(set_tunnels)(u32 is_on)
{
	tunnels = is_on;
}

#define ADDRESS_OF(name) \
	void *EXPORT(address_of_##name)(void) { return &name; }

ADDRESS_OF(input)
ADDRESS_OF(packets)
ADDRESS_OF(interfaces)
ADDRESS_OF(link_layers)
ADDRESS_OF(udp_ports)
ADDRESS_OF(local_prefixes)
ADDRESS_OF(settings)
ADDRESS_OF(filter)
ADDRESS_OF(aggregation)
ADDRESS_OF(counters)
ADDRESS_OF(events)
ADDRESS_OF(places)
ADDRESS_OF(seen_at)
ADDRESS_OF(sweep)
ADDRESS_OF(state)
