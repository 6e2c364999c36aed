// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * A flow that is to be displaced, while another CPU makes one at the same lock, and the kernel is busy: what leads to its
 * cell stays.
 */
#define bpf_map_update_elem(map, key, value, flags) (intrude(), (bpf_map_update_elem)(map, key, value, flags))
#define bpf_map_delete_elem(map, key) (is_busy ? -16 : (bpf_map_delete_elem)(map, key))

static volatile int is_busy;
static void intrude(void);

#include "../../bpf/tc_pping.c"

#define COOKIE 7
#define NOW (1000 * NS_PER_SECOND)

/* What came of it. */
struct outcome {
	u32 status;    /* of store_flow_create() */
	u32 state;     /* of the flow that its key then has; 0 where it has none */
	u32 displaced; /* how many flows are, as far as is known */
};

volatile struct outcome outcome SEC(".data.outcome");

static __always_inline void set_key(struct flow_key *key)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->protocol = PROTOCOL_TCP;
	key->port[0] = key->port[1] = 1;
}

static __always_inline void intrude(void)
{
	struct flow_lock *lock;
	struct flow_key key;

	if (!is_busy)
		return;
	set_key(&key);
	lock = lock_of(hash_of(&key));
	if (lock)
		lock->made++;
}

/* With words of other tags, which lead to no cell; or with none. */
static __always_inline void fill_bucket(const struct flow_key *key, int is_full)
{
	u32 hash = hash_of(key);
	struct flow_bucket *bucket = flow_bucket_of(hash);

	for (u32 way = 0; bucket && way < BUCKET_WORDS; way++)
		bucket->word[way] = is_full ? (tag_of(hash) ^ (way + 1) << 27) | fixed.cell_mask : 0;
}

static __always_inline void describe(const struct flow_key *key)
{
	struct flow *flow = store_flow_lookup(key);

	outcome.state = flow ? state_of(flow) : 0;
	outcome.displaced = displaced;
}

static __always_inline struct flow *blank_flow_seen_now(void)
{
	struct flow *fresh = store_blank_flow();

	if (!fresh)
		return 0;
	fresh->life = life_of(COOKIE, FLOW_OPEN);
	fresh->direction[0].last_seen = NOW;
	return fresh;
}

/* In a bucket that is full, with all that is in the way. */
SEC("tc")
int refuse(struct __sk_buff *skb)
{
	struct flow *fresh = blank_flow_seen_now();
	struct flow_key key;

	if (!fresh)
		return TC_ACT_SHOT;
	set_key(&key);
	fill_bucket(&key, 1);
	is_busy = 1;
	outcome.status = store_flow_create(&key, fresh);
	is_busy = 0;
	fill_bucket(&key, 0);
	describe(&key);
	return TC_ACT_UNSPEC;
}

/* Nothing is in the way. */
SEC("tc")
int make(struct __sk_buff *skb)
{
	struct flow *fresh = blank_flow_seen_now();
	struct flow_key key;

	if (!fresh)
		return TC_ACT_SHOT;
	set_key(&key);
	outcome.status = store_flow_create(&key, fresh);
	describe(&key);
	return TC_ACT_UNSPEC;
}

/* As another CPU's that was faster, and has found room in the bucket. */
SEC("tc")
int appear(struct __sk_buff *skb)
{
	struct flow *fresh = blank_flow_seen_now();
	struct flow_bucket *bucket;
	struct flow_cell *cell;
	struct flow_key key;
	u32 number, hash;

	set_key(&key);
	hash = hash_of(&key);
	bucket = flow_bucket_of(hash);
	number = take_cell();
	cell = cell_of(number);
	if (!fresh || !bucket || !cell)
		return TC_ACT_SHOT;
	fill_cell(cell, &key, fresh);
	begin_life(cell, fresh->life);
	bucket->word[0] = tag_of(hash) | number;
	return TC_ACT_UNSPEC;
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	struct flow_key key;

	set_key(&key);
	describe(&key);
	return TC_ACT_UNSPEC;
}
