/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Whose a packet is that is not of TCP: of the socket that it has. It has it on its way out, and until another network
 * namespace has taken it in; NAT in that leaves nothing to find it by.
 *
 * Who has made such a socket is kept with it. A packet believes that if it is the process that runs: then that one is
 * there, and has sent it. Else user space looks who has the socket open: who has made it may be gone.
 */
#ifndef PPING_DATAGRAM_SOCKETS_H
#define PPING_DATAGRAM_SOCKETS_H

#include "sockets.h"
#include "../core/datagram_owners.h"

/* linux/net.h */
#define SOCK_DGRAM 2
#define SOCK_RAW 3

/* linux/in.h: its sender writes the headers */
#define PROTOCOL_RAW 255

static __always_inline int target_are_owners_known(void)
{
	return fixed.owners;
}

/* --- as they are made --- */

static __always_inline int is_datagram_socket(const struct bpf_sock *sk)
{
	return sk->type == SOCK_DGRAM || sk->type == SOCK_RAW;
}

/* In socket(); the kernel's own are not seen. `sk` is the program's context. */
static __always_inline void note_maker(struct bpf_sock *sk)
{
	struct task_struct *leader = bpf_get_current_task_btf()->group_leader;
	struct listener maker = { .started = leader->start_time, .pid = leader->tgid };

	bpf_sk_storage_get(&listeners, sk, &maker, BPF_SK_STORAGE_GET_F_CREATE);
}

/* --- as packets ask for them --- */

static __always_inline int is_echo(const struct packet *p)
{
	return p->key.protocol == PROTOCOL_ICMP || p->key.protocol == PROTOCOL_ICMPV6;
}

/*
 * Not the socket of a tunnel around it, of whoever has made the packet up, or of its receiver, which a program before
 * may have given it (bpf_sk_assign()): of those no port is the sender's, or both are the same.
 */
static __always_inline int has_sent(const struct bpf_sock *sk, const struct packet *p)
{
	u16 port = p->key.port[p->direction & 1];

	if (sk->family != AF_INET && sk->family != AF_INET6)
		return 0;
	if (is_echo(p)) {
		/* The kernel answers by itself. */
		if (p->exact.is_answer)
			return 0;
		if (sk->type == SOCK_RAW)
			return sk->protocol == p->key.protocol || sk->protocol == PROTOCOL_RAW;
		return sk->type == SOCK_DGRAM && sk->protocol == p->key.protocol && sk->src_port == port;
	}
	if (p->hook == HOOK_INGRESS && p->key.port[0] == p->key.port[1])
		return 0;
	return sk->type == SOCK_DGRAM && sk->protocol == PROTOCOL_UDP && sk->src_port == port;
}

static __always_inline void note_sending(struct bpf_sock *sk, struct owner *owner)
{
	const struct listener *maker = bpf_sk_storage_get(&listeners, sk, 0, 0);
	struct task_struct *leader = bpf_get_current_task_btf()->group_leader;
	u32 pid = leader->tgid;

	if (!maker || maker->pid != pid || maker->started != leader->start_time)
		return;
	owner->pid = pid;
	__builtin_memcpy(owner->comm, leader->comm, sizeof(owner->comm));
}

/* Of a query user space would not find it out: its socket may be gone, and its response is told at once. */
static __always_inline int is_wanted_sender(u32 pid, const struct packet *p)
{
	return pid || p->key.protocol != PROTOCOL_DNS ? is_wanted_process(pid) : !owner_filter.pid_count;
}

/* 0 where it is not sure that the packet's socket has sent it. */
static __always_inline struct bpf_sock *sender_of_datagram(struct __sk_buff *skb, const struct packet *p)
{
	struct bpf_sock *sk = skb->sk;

	if (!sk)
		return 0;
	sk = bpf_sk_fullsock(sk);
	return sk && has_sent(sk, p) ? sk : 0;
}

static __always_inline u64 target_sender_cookie(void *context, const struct packet *p)
{
	return sender_of_datagram(context, p) ? bpf_get_socket_cookie(context) : 0;
}

static __always_inline enum owner_state target_datagram_owner(void *context, const struct packet *p,
							      struct owner *owner)
{
	struct bpf_sock *sk = sender_of_datagram(context, p);

	if (!sk)
		return OWNER_ABSENT;
	if (!is_in_wanted_cgroup(context))
		return OWNER_REFUSED;
	owner->pid = 0;
	note_sending(sk, owner);
	if (!is_wanted_sender(owner->pid, p))
		return OWNER_REFUSED;
	owner->cgroup = bpf_skb_cgroup_id(context);
	owner->socket_cookie = bpf_get_socket_cookie(context);
	owner->uid = bpf_get_socket_uid(context);
	return OWNER_KNOWN;
}

#endif
