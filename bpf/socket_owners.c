// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Which processes have a TCP socket open: a walk over the open files of all processes.
 *
 * Each read of the iterator runs pping_owners once for each file of each process (threads that share
 * their leader's files are left out: kernel/bpf/task_iter.c) and yields a struct socket_owner for each
 * that fits. The kernel's structs are named here with the fields that are read, and nothing else:
 * libbpf puts in where the running kernel has them (CO-RE).
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "socket_owners.h"

#define SOCK_STREAM 1
#define IPPROTO_TCP 6

#define KERNEL_STRUCT __attribute__((preserve_access_index))

typedef struct {
	s64 counter;
} KERNEL_STRUCT atomic64_t;

struct sock_common {
	atomic64_t skc_cookie;
} KERNEL_STRUCT;

struct sock {
	struct sock_common __sk_common;
	u16 sk_type;
	u16 sk_protocol;
} KERNEL_STRUCT;

struct socket {
	struct sock *sk;
} KERNEL_STRUCT;

struct task_struct {
	u32 tgid;
	struct task_struct *group_leader;
	u64 start_time;
	char comm[COMM_BYTES];
} KERNEL_STRUCT;

struct bpf_iter_meta {
	struct seq_file *seq;
} KERNEL_STRUCT;

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	u32 fd;
	struct file *file;
} KERNEL_STRUCT;

/* The cookies that a walk is to find. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MOST_WANTED);
	__type(key, u64);
	__type(value, u8);
} wanted SEC(".maps");

/* Brings the layout that only a walk yields into the object's BTF. */
const struct socket_owner *unused_socket_owner __attribute__((unused));

/* Its cookie; 0 where it is no TCP socket, or none has asked for its cookie yet. */
static __always_inline u64 cookie_of(struct file *file)
{
	struct socket *socket = bpf_sock_from_file(file);
	struct sock *sk;

	if (!socket)
		return 0;
	sk = socket->sk;
	/* Netlink has a protocol 6, and IP raw sockets of any: but no streams. */
	if (sk->sk_type != SOCK_STREAM || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	return sk->__sk_common.skc_cookie.counter;
}

static __always_inline void tell(struct seq_file *to, struct task_struct *task, u64 cookie)
{
	struct task_struct *leader = task->group_leader;
	struct socket_owner owner = { .cookie = cookie, .started = leader->start_time,
				      .pid = leader->tgid };

	bpf_probe_read_kernel(owner.comm, sizeof(owner.comm), leader->comm);
	/* Where there is no room left, the kernel ends the read here and asks for this file again. */
	bpf_seq_write(to, &owner, sizeof(owner));
}

SEC("iter/task_file")
int pping_owners(struct bpf_iter__task_file *walk)
{
	struct task_struct *task = walk->task;
	struct file *file = walk->file;
	u64 cookie;

	/* Once more at the end, with neither. */
	if (!task || !file)
		return 0;
	cookie = cookie_of(file);
	if (cookie && bpf_map_lookup_elem(&wanted, &cookie))
		tell(walk->meta->seq, task, cookie);
	return 0;
}

char _license[] SEC("license") = "Dual MIT/GPL";
