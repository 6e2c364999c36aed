/* SPDX-License-Identifier: MIT */
/*
 * exchanges <pid a> <pid b> <interface> <flows> <first round> <last round> <rtt us>
 *
 * Requests and their answers, by the hundred thousand: in each round every flow sends one segment
 * out of the interface in a's network namespace and, no sooner than `rtt us` later, gets its answer
 * out of the one in b's. A round's number is its TSval. The kernels at both ends take none of it
 * for theirs.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS 0xc6120000u /* 198.18.0.0, an address a flow */
#define SERVER 0xc6130001u
#define SERVER_PORT 80
#define CLIENT_PORT 40000

struct timestamps {
	uint8_t nops[2], kind, length;
	uint32_t value, echo;
} __attribute__((packed));

struct frame {
	struct ether_header ethernet;
	struct iphdr ip;
	struct tcphdr tcp;
	struct timestamps timestamps;
	char payload[1];
} __attribute__((packed));

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_device(const char *pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	int space = open(path, O_RDONLY);

	if (space < 0 || setns(space, CLONE_NEWNET))
		fail(path);
	close(space);
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(name)};
	int device = socket(AF_PACKET, SOCK_RAW, 0);

	if (device < 0 || bind(device, (struct sockaddr *)&address, sizeof(address)))
		fail(name);
	return device;
}

static struct frame frame_of(int flow, int round, int is_answer)
{
	size_t payload = !is_answer;
	struct frame frame = {
		.ethernet = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}, htons(ETHERTYPE_IP)},
		.ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP},
		.tcp = {.doff = (sizeof(struct tcphdr) + sizeof(struct timestamps)) / 4, .ack = 1},
		.timestamps = {{1, 1}, 8, 10, htonl(round), htonl(is_answer ? round : round - 1)},
	};
	uint32_t client = htonl(CLIENTS + flow), server = htonl(SERVER);

	frame.ip.tot_len = htons(sizeof(frame) - sizeof(frame.ethernet) - 1 + payload);
	frame.ip.saddr = is_answer ? server : client;
	frame.ip.daddr = is_answer ? client : server;
	frame.tcp.source = htons(is_answer ? SERVER_PORT : CLIENT_PORT);
	frame.tcp.dest = htons(is_answer ? CLIENT_PORT : SERVER_PORT);
	frame.tcp.seq = htonl(is_answer ? 1 : round);
	frame.tcp.ack_seq = htonl(is_answer ? round + 1 : 1);
	return frame;
}

static void send_all(int device, int flows, int round, int is_answer)
{
	size_t size = sizeof(struct frame) - is_answer;

	for (int flow = 0; flow < flows; flow++) {
		struct frame frame = frame_of(flow, round, is_answer);

		if (send(device, &frame, size, 0) != (ssize_t)size)
			fail("send");
	}
}

int main(int argc, char **argv)
{
	if (argc != 8)
		return 2;
	int a = open_device(argv[1], argv[3]), b = open_device(argv[2], argv[3]);
	int flows = atoi(argv[4]), last = atoi(argv[6]), rtt_us = atoi(argv[7]);

	for (int round = atoi(argv[5]); round <= last; round++) {
		send_all(a, flows, round, 0);
		usleep(rtt_us);
		send_all(b, flows, round, 1);
	}
	return 0;
}
