/**
 * Makes a namespace's TCP that of another machine: in a lab both ends are this machine's, so that a packet may be
 * known by the sequence numbers of either. Here those that the namespace has are not those on the wire.
 */
import type { Namespace } from '../../../lab/netns.js';
import { compileBpf } from '../runner/compile.js';

/** @param object where the compiled program goes */
export async function makeStranger(
  namespace: Namespace,
  name: string,
  object: string,
): Promise<void> {
  compileBpf(SOURCE, object);
  // What selective acknowledgements say would have to be changed as well.
  await namespace.run(['sysctl', '-qw', 'net.ipv4.tcp_sack=0']);
  await namespace.run(['tc', 'qdisc', 'add', 'dev', name, 'clsact']);
  const program = ['bpf', 'direct-action', 'object-file', object, 'section', 'tc'];
  for (const hook of ['egress', 'ingress'])
    await namespace.run(['tc', 'filter', 'add', 'dev', name, hook, ...program]);
}

const SOURCE = `
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define BY 0x12345678u
#define FLAGS 13
#define ACK 0x10

/* Where the TCP header begins; 0: there is none. */
static __always_inline __u32 tcp_offset(struct __sk_buff *skb)
{
	__u8 version_and_length = 0, protocol = 0;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &version_and_length, 1))
		return 0;
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct iphdr, protocol), &protocol, 1);
		return protocol == IPPROTO_TCP ? ETH_HLEN + 4 * (version_and_length & 15) : 0;
	}
	if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct ipv6hdr, nexthdr), &protocol, 1);
		return protocol == IPPROTO_TCP ? ETH_HLEN + sizeof(struct ipv6hdr) : 0;
	}
	return 0;
}

static __always_inline int add(struct __sk_buff *skb, __u32 at, __u32 tcp, __u32 by)
{
	__be32 before, after;

	if (bpf_skb_load_bytes(skb, at, &before, sizeof(before)))
		return TC_ACT_SHOT;
	after = bpf_htonl(bpf_ntohl(before) + by);
	if (bpf_l4_csum_replace(skb, tcp + offsetof(struct tcphdr, check), before, after, sizeof(after)) ||
	    bpf_skb_store_bytes(skb, at, &after, sizeof(after), 0))
		return TC_ACT_SHOT;
	return TC_ACT_OK;
}

/* Either way the same: each end's own numbers are what is on the wire, and so much more or less. */
SEC("tc")
int move(struct __sk_buff *skb)
{
	__u32 tcp = tcp_offset(skb);
	__u8 flags = 0;

	if (!tcp)
		return TC_ACT_OK;
	bpf_skb_load_bytes(skb, tcp + FLAGS, &flags, 1);
	if (flags & ACK && add(skb, tcp + offsetof(struct tcphdr, ack_seq), tcp, -BY) != TC_ACT_OK)
		return TC_ACT_SHOT;
	return add(skb, tcp + offsetof(struct tcphdr, seq), tcp, BY);
}

char _license[] SEC("license") = "GPL";
`;
