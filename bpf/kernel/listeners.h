/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Who listens: kept with the listening socket, from where each connection that it accepts inherits it. So it is known
 * at once, also of one that is over before its own process can be looked for, and never taken from another listener of
 * the same port (SO_REUSEPORT, network namespaces).
 */
#ifndef PPING_LISTENERS_H
#define PPING_LISTENERS_H

#include "kernel_types.h"
#include "maps.h"
#include "tcp_states.h"

/* linux/sched.h; workers of io_uring, which are a process's, are none. */
#define PF_KTHREAD 0x00200000
#define FIRST_PROCESS 1

/*
 * The process that has called listen(), as it was then; of a socket that listened before, one that has it open. Of a
 * socket that is not of TCP, the one that has made it (datagram_sockets.h).
 */
struct listener {
	u64 started; /* when it was forked, ns of the monotonic clock; 0: it has called listen() */
	u32 pid;     /* thread group */
	u32 reserved;
	u8 comm[COMM_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct listener);
} listeners SEC(".maps");

/*
 * The kernel gives up where another program, such as a pping that ends, lets go of the last thing that was kept with the
 * socket at that moment, or keeps the first one (EAGAIN; kernel/bpf/bpf_local_storage.c).
 */
#define MOST_TRIES_TO_KEEP 16

/* Connections meanwhile have the one before, or none, but never a part of each. */
static __always_inline void put_listener(void *sk, struct listener *listener)
{
	bpf_sk_storage_delete(&listeners, sk);
	for (int i = 0; i < MOST_TRIES_TO_KEEP; i++)
		if (bpf_sk_storage_get(&listeners, sk, listener, BPF_SK_STORAGE_GET_F_CREATE))
			return;
}

/* In listen(); not what the kernel itself listens with (nfsd). */
static __always_inline void note_listening(void *sk)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct listener listener = {};

	if (BPF_CORE_READ(task, flags) & PF_KTHREAD)
		return;
	listener.pid = BPF_CORE_READ(task, tgid);
	BPF_CORE_READ_INTO(&listener.comm, task, group_leader, comm);
	put_listener(sk, &listener);
}

/* What an accepted socket has inherited. */
static __always_inline void note_listener(void *sk, struct owner *owner)
{
	const struct listener *listener = bpf_sk_storage_get(&listeners, sk, 0, 0);

	if (!listener)
		return;
	owner->pid = listener->pid | OWNER_PID_LISTENS;
	__builtin_memcpy(owner->comm, listener->comm, sizeof(owner->comm));
}

/* Or it would take memory for as long as its connection lasts. */
static __always_inline void forget_listener(void *sk)
{
	bpf_sk_storage_delete(&listeners, sk);
}

/* --- those that listened before --- */

/* Not one of Multipath TCP: what listens is another below it, which a program of this kind has no way to. */
static __always_inline int is_listening(const struct sock *sk)
{
	return sk->sk_protocol == PROTOCOL_TCP && sk->__sk_common.skc_state == TCP_LISTEN;
}

/* As ownerOf() in src/attribution/socket-process.ts: the first process keeps sockets for others. */
static __always_inline int comes_before(const struct listener *one, const struct listener *other)
{
	if ((one->pid == FIRST_PROCESS) != (other->pid == FIRST_PROCESS))
		return other->pid == FIRST_PROCESS;
	return one->started < other->started;
}

/* A process that has this file open. */
static __always_inline void note_holder(struct task_struct *task, struct file *file)
{
	struct socket *socket = bpf_sock_from_file(file);
	struct task_struct *leader = task->group_leader;
	struct listener holder = { .started = leader->start_time, .pid = leader->tgid };
	const struct listener *known;
	struct sock *sk = socket ? socket->sk : 0;

	if (!sk || !is_listening(sk))
		return;
	bpf_probe_read_kernel(holder.comm, sizeof(holder.comm), leader->comm);
	known = bpf_sk_storage_get(&listeners, sk, 0, 0);
	if (!known || (known->started && comes_before(&holder, known)))
		put_listener(sk, &holder);
}

#endif
