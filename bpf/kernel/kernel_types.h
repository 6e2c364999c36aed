/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Of the kernel's structs what is read of them, found by name and BTF in whatever kernel runs (CO-RE). Where the
 * verifier knows a pointer's type it is read by plain loads, which cost no call; 0 where it leads nowhere.
 */
#ifndef PPING_KERNEL_TYPES_H
#define PPING_KERNEL_TYPES_H

#include <bpf/bpf_core_read.h>

#define RELOCATED __attribute__((preserve_access_index))

struct kernfs_node {
	u64 id;
} RELOCATED;

struct cgroup {
	struct kernfs_node *kn;
	s32 level;
	struct cgroup *ancestors[]; /* from 6.1 on; by level, the root first */
} RELOCATED;

/* Before 6.1: ___ begins what libbpf takes for no part of the name. */
struct cgroup___with_ids {
	s32 level;
	u64 ancestor_ids[];
} RELOCATED;

struct css_set {
	struct cgroup *dfl_cgrp;
} RELOCATED;

struct task_struct {
	u32 flags;
	struct task_struct *group_leader;
	struct css_set *cgroups;
	u64 start_time;
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
	u8 skc_state;
	u32 skc_daddr;
	u32 skc_rcv_saddr;
	u16 skc_dport; /* as on the wire */
	u16 skc_num;   /* as a number */
	u16 skc_family;
	possible_net_t skc_net;
	struct {
		u8 bytes[16];
	} skc_v6_daddr, skc_v6_rcv_saddr; /* struct in6_addr; where there is IPv6 */
} RELOCATED;

typedef struct {
	int owned; /* by a process, in a system call */
} RELOCATED socket_lock_t;

struct sock_cgroup_data {
	struct cgroup *cgroup;
} RELOCATED;

typedef struct {
	u32 val;
} RELOCATED kuid_t;

struct sock {
	struct sock_common __sk_common;
	socket_lock_t sk_lock;
	kuid_t sk_uid;
	struct sock_cgroup_data sk_cgrp_data;
	u16 sk_protocol;
} RELOCATED;

struct socket {
	struct sock *sk;
} RELOCATED;

struct bpf_iter__task_file {
	struct task_struct *task;
	struct file *file;
} RELOCATED;

struct tcp_sock {
	u64 bytes_received; /* that rcv_nxt is beyond the peer's SYN */
	u64 bytes_acked;    /* that snd_una is beyond what it began as */
	u32 rcv_nxt;
	u32 snd_una;
	u32 write_seq;
	u32 tsoffset; /* what is added to the clock for a TSval */
	u8 repair : 1;
	u8 tcp_usec_ts : 1;
} RELOCATED;

#endif
