// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Counting as sweeps do it, in a system call, while a softirq of the same CPU breaks in again and
 * again, and counts as well.
 */
#include "../../bpf/tc_pping.c"

#define CLOCK_MONOTONIC 1
#define EVERY_NS 20000
/* The most that bpf_loop() does. */
#define COUNTS (1 << 23)

struct interruption {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct interruption);
} interruptions SEC(".maps");

/* Out: how often each has counted; those of the softirq, while the other was at it on its CPU. */
struct interrupted {
	u64 counts;
	u64 interruptions;
	u64 in_between;
};

static volatile struct interrupted result;
static volatile u32 is_counting, counting_cpu;

static __always_inline void count_all(void)
{
	store_count(COUNTER_UNANSWERED);
	store_count(COUNTER_RTT_EVENTS_LOST);
	store_add(COUNTER_FLOW_EVENTS_LOST, 1);
}

static int interrupt(void *map, u32 *key, struct interruption *interruption)
{
	count_all();
	result.interruptions++;
	if (bpf_get_smp_processor_id() == counting_cpu)
		result.in_between++;
	if (is_counting)
		bpf_timer_start(&interruption->timer, EVERY_NS, 0);
	return 0;
}

static long count_once(u32 index, void *context)
{
	count_all();
	return 0;
}

SEC("syscall")
int count_interrupted(struct interrupted *context)
{
	u32 first = 0;
	struct interruption *interruption = bpf_map_lookup_elem(&interruptions, &first);

	if (!interruption)
		return -1;
	bpf_timer_init(&interruption->timer, &interruptions, CLOCK_MONOTONIC);
	bpf_timer_set_callback(&interruption->timer, interrupt);
	is_counting = 1;
	counting_cpu = bpf_get_smp_processor_id();
	bpf_timer_start(&interruption->timer, EVERY_NS, 0);
	bpf_loop(COUNTS, count_once, 0, 0);
	is_counting = 0;
	bpf_timer_cancel(&interruption->timer);
	context->counts = COUNTS;
	context->interruptions = result.interruptions;
	context->in_between = result.in_between;
	return 0;
}
