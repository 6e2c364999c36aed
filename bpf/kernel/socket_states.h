/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * TCP sockets as they open, where no program can be at the root of the cgroups: by the states that they go through,
 * of which the kernel tells in all network namespaces (the tracepoint inet_sock_set_state).
 *
 * Who connects is known as a socket leaves TCP_CLOSE, in connect() itself, and its sequence number is not: that is
 * chosen later. So the process is kept until the handshake is over, and only then the socket is noted.
 */
#ifndef PPING_SOCKET_STATES_H
#define PPING_SOCKET_STATES_H

#include "sockets.h"

/* Who connects, by the address of the struct tcp_sock. User space makes it as large as opened_sockets. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_OPENED_SOCKETS);
	__type(key, u64);
	__type(value, struct owner); /* of which the process is known */
} connecting SEC(".maps");

static __always_inline void keep_connecting(struct tcp_sock *tcp)
{
	struct owner owner = {};
	u64 key = (long)tcp;

	note_connecting(&owner);
	bpf_map_update_elem(&connecting, &key, &owner, BPF_ANY);
}

static __always_inline void take_connecting(struct tcp_sock *tcp, struct owner *owner)
{
	u64 key = (long)tcp;
	const struct owner *kept = bpf_map_lookup_elem(&connecting, &key);

	if (!kept)
		return;
	owner->pid = kept->pid;
	__builtin_memcpy(owner->comm, kept->comm, sizeof(owner->comm));
}

static __always_inline void forget_connecting(struct tcp_sock *tcp)
{
	u64 key = (long)tcp;

	bpf_map_delete_elem(&connecting, &key);
}

/* As set_ends(), which is told them, and so is quicker. */
static __always_inline void read_ends(struct opened_socket *opened, struct sock_common *common)
{
	struct address *own = &opened->address[0], *peer = &opened->address[1];

	if (BPF_CORE_READ(common, skc_family) == AF_INET) {
		own->words[2] = peer->words[2] = bswap32(0x0000ffff);
		own->words[3] = BPF_CORE_READ(common, skc_rcv_saddr);
		peer->words[3] = BPF_CORE_READ(common, skc_daddr);
	} else if (bpf_core_field_exists(common->skc_v6_daddr)) {
		bpf_core_read(own, sizeof(*own), &common->skc_v6_rcv_saddr);
		bpf_core_read(peer, sizeof(*peer), &common->skc_v6_daddr);
	}
	opened->port[0] = BPF_CORE_READ(common, skc_num);
	opened->port[1] = bswap16(BPF_CORE_READ(common, skc_dport));
}

/*
 * With Fast Open (RFC 7413) data may have been acknowledged along with the SYN, or received; those are counted. Of a
 * socket that has connected the SYN is counted as well; of one that was accepted it is not. (Where both ends open at
 * once, RFC 9293, 3.5, it has done both, and its number as one that was accepted is one too low: then it is believed
 * where both ends are as on the wire.)
 */
static __always_inline void note_established(struct sock *sk, struct tcp_sock *tcp, enum sender_end end)
{
	struct opened_socket opened = {};
	struct opened_key key = { .end = end };

	if (!describe(&opened, tcp))
		return;
	read_ends(&opened, &sk->__sk_common);
	opened.isn = BPF_CORE_READ(tcp, snd_una) - (u32)BPF_CORE_READ(tcp, bytes_acked);
	if (end == END_CONNECTED) {
		key.syn_seq = opened.isn;
		take_connecting(tcp, &opened.owner);
	} else {
		key.syn_seq = BPF_CORE_READ(tcp, rcv_nxt) - (u32)BPF_CORE_READ(tcp, bytes_received) - 1;
		opened.isn--;
		note_listener(sk, &opened.owner);
	}
	opened.owner.socket_cookie = bpf_get_socket_cookie(sk);
	keep_opened(&key, &opened);
}

/* A listener's new socket is in TCP_SYN_RECV before anything is known of it; with Fast Open it may be closed there. */
static __always_inline void on_socket_state(struct sock *sk, int before, int after)
{
	struct tcp_sock *tcp;

	/* Of Multipath TCP that is another socket below it. */
	if (after == TCP_LISTEN) {
		if (sk->sk_protocol == PROTOCOL_TCP)
			note_listening(sk);
		return;
	}
	if (after != TCP_SYN_SENT && before != TCP_SYN_SENT && before != TCP_SYN_RECV)
		return;
	tcp = (void *)bpf_skc_to_tcp_sock(sk);
	if (!tcp)
		return;
	if (after == TCP_SYN_SENT)
		keep_connecting(tcp);
	else if (after != TCP_CLOSE)
		note_established(sk, tcp, before == TCP_SYN_SENT ? END_CONNECTED : END_ACCEPTED);
	if (before == TCP_SYN_SENT)
		forget_connecting(tcp);
	/* Also of those that are not asked for. */
	if (before == TCP_SYN_RECV)
		forget_listener(sk);
}

#endif
