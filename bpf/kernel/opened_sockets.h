/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * TCP sockets as they open, in whatever network namespace, and whose they are: noted by a program at the root of the
 * cgroups, and found again by the packets. On their way from a container those lose their socket, and NAT rewrites
 * their ends; what it leaves as it is are sequence numbers. So a socket is found by the sequence number of the SYN that
 * opened its connection (ISN; RFC 9293, 3.4.1), and believed if something else fits as well.
 */
#ifndef PPING_OPENED_SOCKETS_H
#define PPING_OPENED_SOCKETS_H

#include "listeners.h"
#include "tuple.h"
#include "wanted_owners.h"

/* Where more CPUs open connections, user space makes it more. They are replaced as others open. */
#define MAX_OPENED_SOCKETS 16384

/* How old the TSval of a segment may be; or how early, since pacing has it count from when it is to leave. */
#define OLDEST_TSVAL_NS NS_PER_SECOND
#define EARLIEST_TSVAL_NS (NS_PER_SECOND / 10)
#define NS_PER_MS (1000 * 1000)
#define NS_PER_US 1000

struct opened_key {
	u32 syn_seq; /* of the connection's SYN */
	u32 end;     /* enum sender_end, but not END_UNKNOWN */
};

struct opened_socket {
	struct owner owner;
	struct address address[2]; /* its own, and its peer's, as it has them */
	u16 port[2];
	u32 isn;                   /* its own */
	u32 timestamp_offset;      /* what its TSval is beyond the clock */
	u32 timestamp_tick;        /* ns; 0 = of several sockets: note_twin() */
};

_Static_assert(sizeof(struct opened_socket) == 88, "opened_socket has no padding");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_OPENED_SOCKETS);
	__type(key, struct opened_key);
	__type(value, struct opened_socket);
} opened_sockets SEC(".maps");

/* enum noted_sockets, once they are. */
volatile u32 noted_sockets SEC(".data.noted_sockets") = NOTED_NONE;

static __always_inline enum noted_sockets target_noted_sockets(void)
{
	return noted_sockets;
}

/* --- as they open --- */

/* With a barrier, as in entry_told(). */
#define TOLD(field) ({ u32 told = ops->field; barrier_var(told); told; })

static __always_inline void set_ends(struct opened_socket *opened, struct bpf_sock_ops *ops)
{
	struct address *own = &opened->address[0], *peer = &opened->address[1];

	if (ops->family == AF_INET) {
		/* As IPv4 addresses are in a flow's key. */
		own->words[2] = peer->words[2] = bswap32(0x0000ffff);
		own->words[3] = TOLD(local_ip4);
		peer->words[3] = TOLD(remote_ip4);
	} else {
		own->words[0] = TOLD(local_ip6[0]);
		own->words[1] = TOLD(local_ip6[1]);
		own->words[2] = TOLD(local_ip6[2]);
		own->words[3] = TOLD(local_ip6[3]);
		peer->words[0] = TOLD(remote_ip6[0]);
		peer->words[1] = TOLD(remote_ip6[1]);
		peer->words[2] = TOLD(remote_ip6[2]);
		peer->words[3] = TOLD(remote_ip6[3]);
	}
	opened->port[0] = ops->local_port;
	opened->port[1] = bswap32(ops->remote_port);
}

/* Whoever runs connect(); not what the kernel itself connects (NFS), and not its worker for MPTCP. */
static __always_inline void note_connecting(struct owner *owner)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (task->flags & PF_KTHREAD)
		return;
	owner->pid = task->tgid;
	__builtin_memcpy(owner->comm, task->group_leader->comm, sizeof(owner->comm));
}

/* From 6.7 on, where its route has it so. */
static __always_inline int has_usec_timestamps(struct tcp_sock *tcp)
{
	return bpf_core_field_exists(tcp->tcp_usec_ts) && BPF_CORE_READ_BITFIELD(tcp, tcp_usec_ts);
}

static __always_inline int is_same_end(const struct opened_socket *one, const struct opened_socket *other, int end)
{
	return is_same_address(&one->address[end], &other->address[end]) && one->port[end] == other->port[end];
}

/*
 * Of sockets with the same ends in two network namespaces, that connect within 64 ns, the initial sequence numbers are
 * the same (secure_tcp_seq(), net/core/secure_seq.c), and so is all else that a packet could tell them apart by. Then
 * it is nobody's; the SYN of the second cannot have left by now. Returns whether there are two.
 */
static __always_inline int note_twin(const struct opened_key *key, const struct opened_socket *opened)
{
	struct opened_socket *other = bpf_map_lookup_elem(&opened_sockets, key);

	if (!other || other->owner.socket_cookie == opened->owner.socket_cookie ||
	    !is_same_end(opened, other, 0) || !is_same_end(opened, other, 1))
		return 0;
	other->timestamp_tick = 0;
	return 1;
}

/* Of two CPUs one is told of the other. */
static __always_inline void keep_opened(const struct opened_key *key, const struct opened_socket *opened)
{
	if (bpf_map_update_elem(&opened_sockets, key, opened, BPF_NOEXIST) && !note_twin(key, opened))
		bpf_map_update_elem(&opened_sockets, key, opened, BPF_ANY);
}

/* All but its ends, sequence numbers, cookie and process. Returns whether it is one that is asked for. */
static __always_inline int describe(struct opened_socket *opened, struct tcp_sock *tcp)
{
	struct sock *socket = (void *)tcp;
	struct cgroup *cgroup;

	/* Under repair (CRIU) no SYN is sent, and the sequence number is whatever was asked for. */
	if (BPF_CORE_READ_BITFIELD(tcp, repair))
		return 0;
	cgroup = socket->sk_cgrp_data.cgroup;
	if (!is_wanted_cgroup(cgroup))
		return 0;
	opened->timestamp_offset = tcp->tsoffset;
	opened->timestamp_tick = has_usec_timestamps(tcp) ? NS_PER_US : NS_PER_MS;
	opened->owner.cgroup = cgroup->kn->id;
	opened->owner.uid = socket->sk_uid.val;
	return 1;
}

/* Of those that are asked for. */
static __always_inline void note_opened(struct bpf_sock_ops *ops, enum sender_end end)
{
	struct opened_socket opened = {};
	struct opened_key key = { .end = end };
	struct bpf_sock *sk = ops->sk;
	struct tcp_sock *tcp = sk ? (void *)bpf_skc_to_tcp_sock(sk) : 0;

	if (!tcp || !describe(&opened, tcp))
		return;
	/* The SYN is about to be made; or has been acknowledged, and its answer as well. */
	opened.isn = end == END_CONNECTED ? tcp->write_seq : tcp->snd_una - 1;
	key.syn_seq = end == END_CONNECTED ? opened.isn : tcp->rcv_nxt - 1;
	opened.owner.socket_cookie = bpf_get_socket_cookie(ops);
	if (end == END_CONNECTED)
		note_connecting(&opened.owner);
	else
		note_listener(sk, &opened.owner);
	set_ends(&opened, ops);
	keep_opened(&key, &opened);
}

static __always_inline void note_accepted(struct bpf_sock_ops *ops)
{
	note_opened(ops, END_ACCEPTED);
	if (ops->sk)
		forget_listener(ops->sk);
}

/* --- as packets ask for them --- */

static __always_inline int is_opened_end(const struct opened_socket *opened, int end,
					 const struct flow_key *key, u8 of)
{
	return is_same_address(&opened->address[end], &key->address[of & 1]) &&
	       opened->port[end] == key->port[of & 1];
}

/* Whether the segment's TSval is what the socket makes now. */
static __always_inline int is_its_timestamp(const struct opened_socket *opened, const struct packet *p)
{
	u64 tick = opened->timestamp_tick ? opened->timestamp_tick : NS_PER_MS; /* never 0: is_its_segment() */
	u32 now = bpf_ktime_get_ns() / tick, earliest = EARLIEST_TSVAL_NS / tick;
	u32 age = now - (p->tcp.tsval - opened->timestamp_offset);

	return p->tcp.has_timestamp && age + earliest <= OLDEST_TSVAL_NS / tick + earliest;
}

/*
 * What is believed. Who receives a SYN knows its sequence number and its TSval, and may send them back as its own:
 * so the timestamp counts only if the sender is not the one that was connected to. And anyone may open connections
 * to two servers with one sequence number: so of one that accepted its own counts, or both ends.
 */
static __always_inline int is_its_segment(const struct opened_socket *opened, const struct packet *p,
					  const struct sender *sender)
{
	int is_own = is_opened_end(opened, 0, &p->key, p->direction);
	int is_peer = is_opened_end(opened, 1, &p->key, !p->direction);

	if (!opened->timestamp_tick)
		return 0;
	if (is_own && is_peer)
		return 1;
	if (sender->end == END_ACCEPTED)
		return sender->syn_ack_seq ? sender->syn_ack_seq == opened->isn : is_own;
	return is_own || is_peer ||
	       (is_its_timestamp(opened, p) &&
		!is_same_address(&opened->address[1], &p->key.address[p->direction & 1]));
}

/* What may be the sender's socket: is_its_segment(). 0 where there is none. */
static __always_inline const struct opened_socket *find_opened(const struct sender *sender)
{
	struct opened_key key = { .syn_seq = sender->syn_seq, .end = sender->end };

	return bpf_map_lookup_elem(&opened_sockets, &key);
}

#endif
