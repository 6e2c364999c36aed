/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The kernel target's answer to whose a connection is: the socket that a packet on its way out
 * still has, and the process that is connecting it.
 */
#ifndef PPING_SOCKETS_H
#define PPING_SOCKETS_H

#include <bpf/bpf_core_read.h>

#include "entry.h"
#include "maps.h"
#ifdef PPING_ORIGINALS
#include "nat.h"
#endif

/* net/tcp_states.h, linux/net.h */
#define TCP_SYN_SENT 2
#define TCP_NEW_SYN_RECV 12
#define SOCK_STREAM 1

#define RELOCATED __attribute__((preserve_access_index))

/* Of the kernel's structs what is read here, found by name and BTF in whatever kernel runs. */
struct kernfs_node {
	u64 id;
} RELOCATED;

struct cgroup {
	struct kernfs_node *kn;
} RELOCATED;

struct css_set {
	struct cgroup *dfl_cgrp;
} RELOCATED;

struct task_struct {
	struct task_struct *group_leader;
	struct css_set *cgroups;
	s32 tgid;
	char comm[16];
} RELOCATED;

struct ns_common {
	u32 inum;
} RELOCATED;

struct net {
	struct ns_common ns;
} RELOCATED;

typedef struct {
	struct net *net;
} RELOCATED possible_net_t;

struct sock_common {
	possible_net_t skc_net;
} RELOCATED;

typedef struct {
	int owned; /* by a process, in a system call */
} RELOCATED socket_lock_t;

struct sock {
	struct sock_common __sk_common;
	socket_lock_t sk_lock;
} RELOCATED;

/* May change at any time, as settings: a service that is started again has another cgroup. */
volatile struct owner_filter owner_filter SEC(".data.owner_filter") = {};

const struct owner_event *unused_owner_event __attribute__((unused));
const struct original_event *unused_original_event __attribute__((unused));
const enum original_state *unused_original_state __attribute__((unused));

static __always_inline int target_is_owner_filtered(void)
{
	return fixed.owner_filter;
}

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

static __always_inline int is_in_wanted_cgroup(struct __sk_buff *skb)
{
	if (!owner_filter.cgroup_count)
		return 1;
	for (u32 i = 0; i < MOST_CGROUPS && i < owner_filter.cgroup_count; i++) {
		volatile struct cgroup_place *wanted = &owner_filter.cgroups[i];

		if (bpf_skb_ancestor_cgroup_id(skb, wanted->level) == wanted->id)
			return 1;
	}
	return 0;
}

/* A process that is not known yet may be a wanted one: user space will find out. */
static __always_inline int is_wanted_process(u32 pid)
{
	if (!owner_filter.pid_count || !pid)
		return 1;
	for (u32 i = 0; i < MOST_PIDS && i < owner_filter.pid_count; i++)
		if (owner_filter.pids[i] == pid)
			return 1;
	return 0;
}

static __always_inline enum owner_state target_owner(void *context, const struct packet *p,
						    struct owner *owner)
{
	struct __sk_buff *skb = context;
	struct bpf_sock *sk = skb->sk;

	if (!fixed.owners || !sk)
		return OWNER_ABSENT;
	if (!is_connection(sk))
		return OWNER_UNKNOWN;
	owner->cgroup = bpf_skb_cgroup_id(skb);
	owner->socket_cookie = bpf_get_socket_cookie(skb);
	owner->uid = bpf_get_socket_uid(skb);
	if (is_in_connect(sk))
		note_process(skb, sk, owner);
	if (!is_in_wanted_cgroup(skb) || !is_wanted_process(owner->pid))
		return OWNER_REFUSED;
	return OWNER_KNOWN;
}

#ifdef PPING_ORIGINALS
static __always_inline int target_original(void *context, const struct packet *p,
					  struct original *original)
{
	if (!fixed.originals)
		return -1;
	return look_up_original(context, p, original) == ORIGINAL_KNOWN ? 0 : -1;
}
#endif

#endif
