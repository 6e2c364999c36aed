// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The replay target: the core as WebAssembly, over packets of a capture.
 *
 * The host (src/replay/core.ts) puts packets into linear memory, has them processed in
 * batches, and takes the events from where they are put, in the ring buffer's layout.
 * Nothing is imported. Time is the packets', shifted by a second: to the core 0 is "never".
 */
#include "capture.h"

/* A packet, of which the bytes from `start` to `end` were captured. */
typedef struct {
	const unsigned char *start;
	const unsigned char *end;
} packet_source;

#include "filter.h"
#include "rtt.h"
#include "replay_stores.h"

#define EXPORT(name) __attribute__((export_name(#name))) name

#define INPUT_BYTES (1 << 20)
#define MAX_PACKETS 8192
#define MAX_INTERFACES 65536
/* No packet makes more events than this, and no step of a sweep. */
#define MOST_EVENTS 16
#define ROOM_BYTES (MOST_EVENTS * (EVENT_HEADER_BYTES + sizeof(struct rtt_event)))

#define CLOCK_SHIFT_NS NS_PER_SECOND
/* Year 2116: sums of times stay far from the sign. */
#define LATEST_NS (1ULL << 62)
/* Merged captures are out of order by less; a clock that was set, by more. */
#define MOST_BACK_NS NS_PER_SECOND

static u8 input[INPUT_BYTES];
static struct captured_packet packets[MAX_PACKETS];
static struct capture_interface interfaces[MAX_INTERFACES];
static struct prefix local_prefixes[MOST_PREFIXES];
static u32 local_prefix_count;

/* --- sides --- */

static __always_inline int is_machine(const struct prefix *prefix)
{
	return prefix->mask.halves[0] == ~0ULL && prefix->mask.halves[1] == ~0ULL;
}

static int is_ours(const struct flow_key *key, u8 end, int machines_only)
{
	for (u32 i = 0; i < local_prefix_count; i++)
		if (is_within(&key->address[end], key->ip_version, &local_prefixes[i]) &&
		    (!machines_only || is_machine(&local_prefixes[i])))
			return 1;
	return 0;
}

/* A whole address on our side is this machine; a network is behind it. Where none is named, the capture tells. */
static __always_inline int store_is_local(void *context, const struct flow_key *key,
					  u8 destination, u8 to_this_host)
{
	return local_prefix_count ? is_ours(key, destination & 1, 1) : to_this_host;
}

/* What a capture says of where a packet was seen. */
struct side {
	u8 hook;         /* enum hook */
	u8 to_this_host;
};

/* Of Linux cooked captures: as the link header has it. */
static __always_inline struct side cooked_side(u32 packet_type, u32 hardware_type)
{
	struct side unknown = { .hook = HOOK_UNKNOWN };
	struct side side = { .hook = packet_type == COOKED_OUTGOING ? HOOK_EGRESS : HOOK_INGRESS,
			     .to_this_host = packet_type == COOKED_TO_THIS_HOST };

	return packet_type > COOKED_OUTGOING || hardware_type == HARDWARE_LOOPBACK ? unknown : side;
}

static __always_inline struct side side_of(const struct captured_packet *packet, u32 link)
{
	const void *header = (const void *)packet->data;
	const struct cooked_header *cooked = header;
	const struct cooked_v2_header *cooked_v2 = header;
	struct side told = { .hook = packet->hook, .to_this_host = packet->to_this_host };

	if (told.hook != HOOK_UNKNOWN)
		return told;
	if (link == LINK_COOKED && packet->captured >= sizeof(*cooked))
		return cooked_side(bswap16(cooked->packet_type), bswap16(cooked->hardware_type));
	if (link == LINK_COOKED_V2 && packet->captured >= sizeof(*cooked_v2))
		return cooked_side(cooked_v2->packet_type, bswap16(cooked_v2->hardware_type));
	return told;
}

/* As the interface between our side and the others would see it; else as it was told. */
static __always_inline u8 hook_of(u8 told, const struct segment *s)
{
	int from_us, to_us;

	if (!local_prefix_count)
		return told;
	from_us = is_ours(&s->key, s->direction, 0);
	to_us = is_ours(&s->key, !s->direction, 0);
	if (from_us == to_us)
		return told;
	return from_us ? HOOK_EGRESS : HOOK_INGRESS;
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

/* Apart from parsing: of one function with all of it engines make slower code, and later. */
static __noinline void measure(struct segment *segment)
{
	process_segment(0, segment);
}

static __always_inline void observe(const struct captured_packet *packet, u64 now)
{
	const u8 *data = (const u8 *)packet->data;
	packet_source source = { .start = data, .end = data + packet->captured };
	struct segment segment;
	const struct capture_interface *interface = &interfaces[packet->interface];
	int may_be_cut = !interface->exact_lengths;
	struct vantage at = { .link = interface->link_layer,
			      .interface = packet->interface,
			      .may_be_cut = may_be_cut };
	struct side side = side_of(packet, at.link);
	enum parse_result result;

	result = parse_segment(&source, source.start, source.end, packet->length, &at, &segment);
	if (result != PARSE_OK) {
		count_packet(side.hook, packet->length);
		if (result == PARSE_TRUNCATED && packet->captured >= packet->length && !may_be_cut)
			result = PARSE_MALFORMED;
		return count_unparsed(result, packet->length);
	}
	segment.hook = hook_of(side.hook, &segment);
	count_packet(segment.hook, packet->length);
	if (is_filtered(&segment.key))
		return count_filtered(packet->length);
	segment.tick = segment.now = now;
	segment.bytes = packet->length;
	segment.packets = packet->segments > 1 ? packet->segments : 1;
	segment.to_this_host = side.to_this_host;
	measure(&segment);
}

/* Whether a packet at `now` is to be left for later, and why. */
static __always_inline enum replay_stop stop_before(u64 now, u64 until, u64 enough_rtts)
{
	if (state.rtts >= enough_rtts)
		return STOP_ENOUGH;
	if (events_used > EVENT_BYTES - ROOM_BYTES)
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

/* --- order --- */

/* Most places that a packet is moved by, and most that are held back for what is still to come. */
#define MOST_MOVED 128

static u64 times[MAX_PACKETS];

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
u32 EXPORT(arrange)(u32 count, u64 window)
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

/*
 * Processes packets[at] to packets[count - 1], as far as those before `until` go and until
 * there have been `enough_rtts`. Returns the index of the first that it left; state.stop
 * says why.
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
static struct node *next_flow, *next_timestamp;

/* Begins a sweep with what the host has put into struct sweep. */
void EXPORT(begin_sweep)(void)
{
	struct sweep fresh = { .now = sweep.now, .tick = sweep.now, .flush = sweep.flush };

	sweep = fresh;
	next_flow = flows.oldest;
	next_timestamp = timestamps.oldest;
}

/* Goes on with it, until it is over (0) or the events have to be taken first (1). */
u32 EXPORT(continue_sweep)(void)
{
	struct node *node;

	while ((node = next_flow) && events_used <= EVENT_BYTES - ROOM_BYTES) {
		next_flow = node->newer;
		sweep_flow((void *)node->content, node_value(node, sizeof(struct flow_key)),
			   &sweep);
	}
	while (!next_flow && (node = next_timestamp)) {
		next_timestamp = node->newer;
		sweep_timestamp((void *)node->content,
				node_value(node, sizeof(struct timestamp_key)), &sweep);
	}
	state.events = events_used;
	return next_flow || next_timestamp;
}

/* --- for the host --- */

/* To be called first. */
void EXPORT(start)(u32 max_flows, u32 max_timestamps, u64 seed)
{
	arena_begin();
	hash_seed = seed;
	flows.max_entries = max_flows;
	timestamps.max_entries = max_timestamps;
}

/* Forgets all connections, as when time begins anew. */
void EXPORT(forget)(void)
{
	const u64 *count = counters.by_cause;

	store_add(COUNTER_UNANSWERED,
		  count[COUNTER_REMEMBERED] - count[COUNTER_MATCHED] - count[COUNTER_UNANSWERED] -
			  count[COUNTER_AMBIGUOUS] - count[COUNTER_SUPERSEDED] -
			  count[COUNTER_BELOW_RESOLUTION]);
	table_clear(&flows);
	table_clear(&timestamps);
	table_clear(&embryos);
	unassured = 0;
	state.latest = 0;
}

/* All events have been taken. */
void EXPORT(take_events)(void)
{
	events_used = state.events = 0;
}

void EXPORT(set_local_prefixes)(u32 count)
{
	local_prefix_count = count;
}

#define ADDRESS_OF(name) \
	void *EXPORT(address_of_##name)(void) { return &name; }

ADDRESS_OF(input)
ADDRESS_OF(packets)
ADDRESS_OF(interfaces)
ADDRESS_OF(local_prefixes)
ADDRESS_OF(settings)
ADDRESS_OF(filter)
ADDRESS_OF(counters)
ADDRESS_OF(events)
ADDRESS_OF(places)
ADDRESS_OF(sweep)
ADDRESS_OF(state)
