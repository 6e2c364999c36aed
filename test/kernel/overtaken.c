// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* An identifier of ICMP echo, while another CPU takes its turn between reading what was sent and writing it. */
static void intrude(void *place);

#define __sync_val_compare_and_swap(place, before, after) \
	(intrude((void *)(place)), (__sync_val_compare_and_swap)(place, before, after))

#include "../../bpf/tc_pping.c"

#define NOW 1000000000ULL

/* What user space asks for, and what came of it. */
struct overtaken {
	u32 times;    /* in: that another CPU is faster */
	u32 last;     /* in: the identifier before */
	u32 other;    /* in: that of the other CPU; each time one more */
	u32 own;      /* in */
	u32 is_new;   /* out: whether it was */
	u32 is_again; /* out: whether it is when it is sent again */
	u32 is_next;  /* out: whether the next higher one is */
};

static volatile u32 times, last, other;
static struct direction direction;

static __always_inline void intrude(void *place)
{
	u32 range = range_of(last, other);

	if (!times)
		return;
	times--;
	other++;
	*(volatile u64 *)place = ranges_of(range, range);
}

static __always_inline u32 send(u32 identifier)
{
	struct packet p;

	__builtin_memset(&p, 0, sizeof(p));
	p.tick = NOW;
	p.exact.identifier = identifier;
	return is_identifier_new(&direction, &p);
}

SEC("syscall")
int overtake(struct overtaken *context)
{
	u32 range = range_of(context->last, context->last);

	direction.asked = ranges_of(range, range);
	direction.identifier_time = direction.identifier = coarse_time_not_0(NOW);
	last = context->last;
	other = context->other;
	times = context->times;
	context->is_new = send(context->own);
	times = 0;
	context->is_again = send(context->own);
	context->is_next = send(context->own + 1);
	return 0;
}
