/* SPDX-License-Identifier: MIT */
/* Packets and sockets, the same at both ends. */
#define _GNU_SOURCE
#include "datagrams.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#define RECEIVE_BYTES (4 << 20)
/* linux/icmp.h, which does not go together with netinet/ip_icmp.h. */
#define ICMP_FILTER_OPTION 1

int poller;
static uint32_t random_state = 1;

bool is_ipv4(const struct sockaddr_in6 *address)
{
	return IN6_IS_ADDR_V4MAPPED(&address->sin6_addr);
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* xorshift32 */
uint32_t below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % limit;
}

void seed_random(uint32_t seed)
{
	random_state = seed | 1;
}

void random_bytes(uint8_t *bytes, size_t count)
{
	while (count--)
		*bytes++ = below(256);
}

void watch(int fd, uint64_t tag)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = tag};

	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
		fail("epoll_ctl");
}

/* What one end is too busy to read at once has to find room: nothing that was seen may be lost behind it. */
static void enlarge(int fd)
{
	int bytes = RECEIVE_BYTES;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		fail("SO_RCVBUFFORCE");
}

int udp_socket(uint16_t port)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket");
	enlarge(fd);
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0)
		fail("bind");
	return fd;
}

int icmp_socket(bool ipv6, uint8_t type)
{
	int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	uint32_t others = ~(1u << (type & 31));
	struct icmp6_filter filter;
	int failed;

	if (fd < 0)
		fail("socket");
	enlarge(fd);
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(type, &filter);
	failed = ipv6 ? setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) :
			setsockopt(fd, SOL_RAW, ICMP_FILTER_OPTION, &others, sizeof(others));
	if (failed)
		fail("filter of ICMP");
	return fd;
}

void complete_icmp(uint8_t *message, size_t length, bool ipv6)
{
	uint32_t sum = 0;

	if (ipv6)
		return;
	message[2] = message[3] = 0;
	for (size_t at = 0; at + 1 < length; at += 2)
		sum += message[at] << 8 | message[at + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	message[2] = ~sum >> 8;
	message[3] = ~sum;
}

size_t icmp_offset(const uint8_t *received, bool ipv6)
{
	return ipv6 ? 0 : (received[0] & 15) * 4;
}

size_t put_long(uint8_t *at, uint8_t first, const struct ids *ids, size_t size)
{
	static const uint8_t version[] = {0, 0, 0, 1};
	size_t used = 0, rest;

	at[used++] = first;
	memcpy(at + used, version, sizeof(version));
	used += sizeof(version);
	for (int which = 0; which < 2; which++) {
		at[used++] = ids->lengths[which];
		memcpy(at + used, ids->bytes[which], ids->lengths[which]);
		used += ids->lengths[which];
	}
	if (first == INITIAL)
		at[used++] = 0; /* no token */
	if (first != RETRY) {
		rest = size - used - 2;
		at[used++] = 0x40 | rest >> 8;
		at[used++] = rest;
	}
	memset(at + used, 0xa5, size - used);
	return size;
}

bool get_long(const uint8_t *bytes, size_t length, struct ids *ids)
{
	size_t used = 5;

	if (length < 7 || !(bytes[0] & 0x80) || bytes[4] != 1)
		return false;
	for (int which = 0; which < 2; which++) {
		uint8_t of_id = used < length ? bytes[used++] : 255;

		if (of_id > ID_BYTES || used + of_id > length)
			return false;
		ids->lengths[which] = of_id;
		memcpy(ids->bytes[which], bytes + used, of_id);
		used += of_id;
	}
	return true;
}

size_t put_short(uint8_t *at, bool spin, const uint8_t *id, uint8_t id_length, uint8_t turn)
{
	at[0] = SHORT | (spin ? SPIN : 0);
	memcpy(at + 1, id, id_length);
	memset(at + 1 + id_length, turn, 40);
	return 1 + id_length + 40;
}
