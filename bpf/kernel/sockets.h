/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The kernel target's answer to whose a connection is: the socket that was noted as it opened; or the one that a
 * packet on its way out still has, and the process that is connecting it.
 */
#ifndef PPING_SOCKETS_H
#define PPING_SOCKETS_H

#include "entry.h"
#include "opened_sockets.h"
#include "tcp_states.h"
#ifdef PPING_ORIGINALS
#include "nat.h"
#include "opener_ends.h"
#endif

/* linux/net.h */
#define SOCK_STREAM 1

const struct owner_event *unused_owner_event __attribute__((unused));
const struct original_event *unused_original_event __attribute__((unused));
const enum original_state *unused_original_state __attribute__((unused));

static __always_inline struct owner_event *target_reserve_owner(void)
{
	return reserve_event(sizeof(struct owner_event));
}

static __always_inline struct original_event *target_reserve_original(void)
{
	return reserve_event(sizeof(struct original_event));
}

/*
 * A RST or ACK of no connection comes from a raw socket of the kernel's own, or from one that
 * waits for late segments (TIME_WAIT): its cookie and cgroup have nothing to do with the flow.
 */
static __always_inline int is_connection(struct bpf_sock *sk)
{
	struct bpf_sock *full;

	if (sk->state == TCP_NEW_SYN_RECV)
		return 1;
	full = bpf_sk_fullsock(sk);
	return full && full->type == SOCK_STREAM;
}

/* The first SYN, which connect() itself sends; one that is sent again comes from a timer. */
static __always_inline int is_in_connect(struct bpf_sock *sk)
{
	struct bpf_sock *full = bpf_sk_fullsock(sk);
	struct bpf_tcp_sock *tcp;

	if (!full || sk->state != TCP_SYN_SENT)
		return 0;
	tcp = bpf_tcp_sock(full);
	return tcp && !tcp->total_retrans;
}

/*
 * The process that runs now is the one that connects, unless the packet has waited (for the
 * neighbour's address; then connect() has let go of the socket) or has made a detour: through another
 * namespace, or through a program that has put it back (NFQUEUE). Better none than a wrong one.
 */
static __always_inline void note_process(const struct __sk_buff *skb, struct bpf_sock *sk,
					 struct owner *owner)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct sock *socket = (void *)bpf_skc_to_tcp_sock(sk);

	if (!socket || !BPF_CORE_READ(socket, sk_lock.owned) ||
	    BPF_CORE_READ(socket, __sk_common.skc_net.net, ns.inum) != namespace_of(skb) ||
	    BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id) != owner->cgroup)
		return;
	owner->pid = BPF_CORE_READ(task, tgid);
	BPF_CORE_READ_INTO(&owner->comm, task, group_leader, comm);
}

/* Of a SYN-ACK, which is sent for the socket that listens: none has been accepted yet. */
static __always_inline void note_answering(struct bpf_sock *sk, struct owner *owner)
{
	struct bpf_sock *listening = sk->state == TCP_NEW_SYN_RECV ? bpf_get_listener_sock(sk) : 0;

	if (listening)
		note_listener(listening, owner);
}

/* As the packet's own socket tells, on its way out; on ingress, if there is one, it is the sender's or a tunnel's. */
static __always_inline enum owner_state owner_of_packet(struct __sk_buff *skb, const struct packet *p,
							struct owner *owner)
{
	struct bpf_sock *sk = skb->sk;

	if (p->hook == HOOK_INGRESS || !sk)
		return OWNER_ABSENT;
	if (!is_connection(sk))
		return OWNER_UNKNOWN;
	owner->cgroup = bpf_skb_cgroup_id(skb);
	owner->socket_cookie = bpf_get_socket_cookie(skb);
	owner->uid = bpf_get_socket_uid(skb);
	if (is_in_connect(sk))
		note_process(skb, sk, owner);
	else
		note_answering(sk, owner);
	if (!is_in_wanted_cgroup(skb) || !is_wanted_process(owner->pid))
		return OWNER_REFUSED;
	return OWNER_KNOWN;
}

static __always_inline enum owner_state target_owner(void *context, const struct packet *p,
						    const struct sender *sender, struct owner *owner)
{
	const struct opened_socket *opened = 0;
	enum owner_state state;

	if (!fixed.owners)
		return OWNER_ABSENT;
	if (is_findable(sender))
		opened = find_opened(sender);
	if (opened && is_its_segment(opened, p, sender)) {
		*owner = opened->owner;
		return is_wanted_process(owner->pid) ? OWNER_KNOWN : OWNER_REFUSED;
	}
	state = owner_of_packet(context, p, owner);
	return state == OWNER_ABSENT && opened ? OWNER_HIDDEN : state;
}

#ifdef PPING_ORIGINALS
static __always_inline int target_original(void *context, const struct packet *p,
					  struct original *original)
{
	if (fixed.originals != ORIGINALS_CONNTRACK)
		return -1;
	return look_up_original(context, p, original) == ORIGINAL_KNOWN ? 0 : -1;
}
#endif

#endif
