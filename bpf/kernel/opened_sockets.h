/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * TCP sockets as they open, in whatever network namespace, and whose they are: noted by a program at the root of the
 * cgroups, and found again by the packets. On their way from a container those lose their socket, and NAT rewrites
 * their ends; what it leaves as it is are sequence numbers. So a socket is found by the sequence number of the SYN that
 * opened its connection (ISN; RFC 9293, 3.4.1), and believed if something else fits as well.
 */
#ifndef PPING_OPENED_SOCKETS_H
#define PPING_OPENED_SOCKETS_H

#include "tuple.h"
#include "wanted_owners.h"

/* linux/sched.h; workers of io_uring, which are a process's, are none. */
#define PF_KTHREAD 0x00200000

/* Where more CPUs open connections, user space makes it more. They are replaced as others open. */
#define MAX_OPENED_SOCKETS 16384

/* A TSval that was made a second ago at most, in whichever unit its socket counts (tcp_usec_ts, from 6.7 on). */
#define MS_PER_SECOND 1000
#define US_PER_SECOND 1000000

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
	u32 reserved;
};

_Static_assert(sizeof(struct opened_socket) == 88, "opened_socket has no padding");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_OPENED_SOCKETS);
	__type(key, struct opened_key);
	__type(value, struct opened_socket);
} opened_sockets SEC(".maps");

/* 1 once sockets are noted: what is not there is then not of this machine. */
volatile u32 sockets_noted SEC(".data.sockets_noted") = 0;

static __always_inline int target_notes_sockets(void)
{
	return sockets_noted;
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
	struct task_struct *task = (void *)bpf_get_current_task();

	if (BPF_CORE_READ(task, flags) & PF_KTHREAD)
		return;
	owner->pid = BPF_CORE_READ(task, tgid);
	BPF_CORE_READ_INTO(&owner->comm, task, group_leader, comm);
}

/* Of those that are asked for. */
static __always_inline void note_opened(struct bpf_sock_ops *ops, enum sender_end end)
{
	struct opened_socket opened = {};
	struct opened_key key = { .end = end };
	struct bpf_sock *sk = ops->sk;
	struct tcp_sock *tcp = sk ? (void *)bpf_skc_to_tcp_sock(sk) : 0;
	struct sock *socket = (void *)tcp;
	struct cgroup *cgroup;

	if (!tcp)
		return;
	cgroup = BPF_CORE_READ(socket, sk_cgrp_data.cgroup);
	if (!is_wanted_cgroup(cgroup))
		return;
	/* The SYN is about to be made; or has been acknowledged, and its answer as well. */
	opened.isn = end == END_CONNECTED ? BPF_CORE_READ(tcp, write_seq) : BPF_CORE_READ(tcp, snd_una) - 1;
	key.syn_seq = end == END_CONNECTED ? opened.isn : BPF_CORE_READ(tcp, rcv_nxt) - 1;
	opened.timestamp_offset = BPF_CORE_READ(tcp, tsoffset);
	opened.owner.cgroup = BPF_CORE_READ(cgroup, kn, id);
	opened.owner.socket_cookie = bpf_get_socket_cookie(ops);
	opened.owner.uid = BPF_CORE_READ(socket, sk_uid.val);
	if (end == END_CONNECTED)
		note_connecting(&opened.owner);
	set_ends(&opened, ops);
	bpf_map_update_elem(&opened_sockets, &key, &opened, BPF_ANY);
}

/* --- as packets ask for them --- */

static __always_inline int is_opened_end(const struct opened_socket *opened, int end,
					 const struct flow_key *key, u8 of)
{
	const struct address *address = &key->address[of & 1];

	return opened->address[end].halves[0] == address->halves[0] &&
	       opened->address[end].halves[1] == address->halves[1] &&
	       opened->port[end] == key->port[of & 1];
}

/* Whether the segment's TSval is what the socket makes now. */
static __always_inline int is_its_timestamp(const struct opened_socket *opened, const struct packet *p)
{
	u64 now_us = bpf_ktime_get_ns() / 1000;
	u32 clock = p->tcp.tsval - opened->timestamp_offset;

	return p->tcp.has_timestamp && ((u32)(now_us / 1000) - clock < MS_PER_SECOND ||
					(u32)now_us - clock < US_PER_SECOND);
}

/* The socket of the segment's sender; 0 where none is known. */
static __always_inline const struct opened_socket *find_opened(const struct packet *p,
							       const struct sender *sender)
{
	struct opened_key key = { .syn_seq = sender->syn_seq, .end = sender->end };
	const struct opened_socket *opened = bpf_map_lookup_elem(&opened_sockets, &key);

	if (!opened)
		return 0;
	if (is_opened_end(opened, 0, &p->key, p->direction) ||
	    is_opened_end(opened, 1, &p->key, !p->direction) || is_its_timestamp(opened, p) ||
	    (sender->syn_ack_seq && sender->syn_ack_seq == opened->isn))
		return opened;
	return 0;
}

#endif
