// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Events one by one, each as soon as the reader has taken the one before. */
#include "../../bpf/tc_pping.c"

/* The most that bpf_loop() does. */
#define ATTEMPTS (1 << 23)

static long tell_when_empty(u32 index, void *context)
{
	struct flow_event *event;

	if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA))
		return 0;
	/* Brings it into this CPU's cache: then what is asked of it later is soon answered. */
	if (settings.reader_waits > READER_WAITS_FOR_MANY)
		return 1;
	event = target_reserve_flow();
	if (!event)
		return 1;
	event->header.version_type = 0;
	target_submit(event);
	return 0;
}

SEC("tc")
int tell_often(struct __sk_buff *skb)
{
	bpf_loop(ATTEMPTS, tell_when_empty, 0, 0);
	return TC_ACT_UNSPEC;
}
