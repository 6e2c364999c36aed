// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Which processes have a socket open: a walk over the open files of all processes. One program looks for some sockets
 * (pping_owners), the other one tells all of TCP that have a connection, or listen (pping_open).
 *
 * Each read of the iterator runs the program once for each file of each process (threads that share
 * their leader's files are left out: kernel/bpf/task_iter.c) and yields a struct socket_owner for each
 * that fits. The kernel's structs are named here with the fields that are read, and nothing else:
 * libbpf puts in where the running kernel has them (CO-RE).
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "socket_owners.h"

#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define IPPROTO_TCP 6

/* net/tcp_states.h */
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_TIME_WAIT 6
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define TCP_CLOSING 11

#define KERNEL_STRUCT __attribute__((preserve_access_index))

typedef struct {
	s64 counter;
} KERNEL_STRUCT atomic64_t;

struct ns_common {
	u32 inum;
} KERNEL_STRUCT;

struct net {
	struct ns_common ns;
} KERNEL_STRUCT;

typedef struct {
	struct net *net;
} KERNEL_STRUCT possible_net_t;

struct sock_common {
	atomic64_t skc_cookie;
	u32 skc_daddr;
	u32 skc_rcv_saddr;
	struct address skc_v6_daddr;
	struct address skc_v6_rcv_saddr;
	u16 skc_dport;
	u16 skc_num;
	u16 skc_family;
	u8 skc_state;
	possible_net_t skc_net;
} KERNEL_STRUCT;

struct kernfs_node {
	u64 id;
} KERNEL_STRUCT;

struct cgroup {
	struct kernfs_node *kn;
} KERNEL_STRUCT;

struct sock_cgroup_data {
	struct cgroup *cgroup;
} KERNEL_STRUCT;

typedef struct {
	u32 val;
} KERNEL_STRUCT kuid_t;

struct sock {
	struct sock_common __sk_common;
	u16 sk_type;
	u16 sk_protocol;
	kuid_t sk_uid;
	struct sock_cgroup_data sk_cgrp_data;
} KERNEL_STRUCT;

struct tcp_sock {
	u32 rcv_nxt;
	u32 rcv_wup;
	u32 snd_nxt;
	u32 snd_una;
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

/* Brings the layouts that only a walk yields into the object's BTF. */
const struct socket_owner *unused_socket_owner __attribute__((unused));
const struct open_connection *unused_open_connection __attribute__((unused));

/* Netlink has a protocol 6, and IP raw sockets of any: but no streams. */
static __always_inline int is_of_tcp(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP;
}

/* Of UDP and of pings, among others that nobody asks for. */
static __always_inline int is_of_datagrams(const struct sock *sk)
{
	u16 family = sk->__sk_common.skc_family;

	return (family == AF_INET || family == AF_INET6) && (sk->sk_type == SOCK_DGRAM || sk->sk_type == SOCK_RAW);
}

/* 0 where it is no socket. */
static __always_inline struct sock *socket_of(struct file *file)
{
	struct socket *socket = bpf_sock_from_file(file);

	return socket ? socket->sk : 0;
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
	struct sock *sk;
	u64 cookie;

	/* Once more at the end, with neither. */
	if (!task || !file)
		return 0;
	sk = socket_of(file);
	if (!sk || (!is_of_tcp(sk) && !is_of_datagrams(sk)))
		return 0;
	/* 0 where none has asked for its cookie yet. */
	cookie = sk->__sk_common.skc_cookie.counter;
	if (cookie && bpf_map_lookup_elem(&wanted, &cookie))
		tell(walk->meta->seq, task, cookie);
	return 0;
}

/* --- all of them --- */

static __always_inline void set_ends(struct open_connection *open, struct sock *sk)
{
	struct sock_common *common = &sk->__sk_common;

	if (common->skc_family == AF_INET) {
		/* As IPv4 addresses are in a flow's key. */
		open->address[0].words[2] = open->address[1].words[2] = bpf_htonl(0x0000ffff);
		open->address[0].words[3] = common->skc_rcv_saddr;
		open->address[1].words[3] = common->skc_daddr;
	} else if (bpf_core_field_exists(common->skc_v6_daddr)) {
		bpf_probe_read_kernel(&open->address[0], sizeof(open->address[0]), &common->skc_v6_rcv_saddr);
		bpf_probe_read_kernel(&open->address[1], sizeof(open->address[1]), &common->skc_v6_daddr);
	}
	open->port[0] = common->skc_num;
	open->port[1] = bpf_ntohs(common->skc_dport);
}

/* Without a lock: what is read may be of two moments, microseconds apart. */
static __always_inline void set_sequences(struct open_connection *open, struct sock *sk)
{
	struct tcp_sock *tcp = (void *)sk;

	open->snd_una = BPF_CORE_READ(tcp, snd_una);
	open->snd_nxt = BPF_CORE_READ(tcp, snd_nxt);
	open->rcv_wup = BPF_CORE_READ(tcp, rcv_wup);
	open->rcv_nxt = BPF_CORE_READ(tcp, rcv_nxt);
}

static __always_inline void set_owner(struct open_connection *open, struct sock *sk, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;

	/* Who has none yet gets one. */
	open->owner.socket_cookie = bpf_get_socket_cookie(sk);
	open->owner.cgroup = BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
	open->owner.uid = sk->sk_uid.val;
	open->owner.pid = leader->tgid;
	bpf_probe_read_kernel(open->owner.comm, sizeof(open->owner.comm), leader->comm);
	open->started = leader->start_time;
}

/* The handshake is over, and the connection is not. */
static __always_inline int is_connected(u8 state)
{
	return state && state <= TCP_CLOSING && state != TCP_SYN_SENT && state != TCP_SYN_RECV &&
	       state != TCP_TIME_WAIT && state != TCP_CLOSE && state != TCP_LISTEN;
}

SEC("iter/task_file")
int pping_open(struct bpf_iter__task_file *walk)
{
	struct task_struct *task = walk->task;
	struct file *file = walk->file;
	struct open_connection open = {};
	struct sock *sk;
	u8 state;

	if (!task || !file)
		return 0;
	sk = socket_of(file);
	if (!sk || !is_of_tcp(sk))
		return 0;
	state = sk->__sk_common.skc_state;
	if (!is_connected(state) && state != TCP_LISTEN)
		return 0;
	open.listens = state == TCP_LISTEN;
	open.namespace = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	set_ends(&open, sk);
	if (!open.listens)
		set_sequences(&open, sk);
	set_owner(&open, sk, task);
	bpf_seq_write(walk->meta->seq, &open, sizeof(open));
	return 0;
}

char _license[] SEC("license") = "Dual MIT/GPL";
