/* SPDX-License-Identifier: MIT */
/* What both ends of the datagrams share: the clock, sockets, and what their packets look like. */
#ifndef DATAGRAMS_H
#define DATAGRAMS_H

#include "../steered/steered.h"

#include <stddef.h>

#define NS_PER_MS 1000000ULL
/* From a question to its answer the server takes as long, at least. */
#define DELAY_NS (5 * NS_PER_MS)
#define MOST_BYTES 1500

#define DNS_PORT 53
/* Both ends reflect the spin bit there. */
#define SPIN_PORT 443
/* There they do not: its values are random, or always the same. */
#define NO_SPIN_PORT 4433

/* The first byte of QUIC's long headers of version 1 (RFC 9000, 17.2), and of short ones (17.3.1). */
#define INITIAL 0xc0
#define HANDSHAKE 0xe0
#define RETRY 0xf0
#define SHORT 0x40
#define SPIN 0x20
#define LEAST_INITIAL 1200
#define ID_BYTES 8

struct ids {
	uint8_t bytes[2][ID_BYTES]; /* of whom it is for; of who sends it */
	uint8_t lengths[2];
};

bool is_ipv4(const struct sockaddr_in6 *address);
uint64_t now_ns(void);
/* From 0 up to, not including, `limit`. */
uint32_t below(uint32_t limit);
void seed_random(uint32_t seed);
void random_bytes(uint8_t *bytes, size_t count);

/* An epoll instance; `tag` comes back with its events. */
extern int poller;
void watch(int fd, uint64_t tag);
/* A UDP socket; with a port other than 0 it is bound to that. */
int udp_socket(uint16_t port);
/* Sockets for ICMP and ICMPv6 that receive nothing but messages of this type. */
int icmp_socket(bool ipv6, uint8_t type);
/* Completes an ICMP message: its checksum in IPv4; the kernel's in IPv6. */
void complete_icmp(uint8_t *message, size_t length, bool ipv6);
/* Where the ICMP message begins in what was received: behind the IPv4 header. */
size_t icmp_offset(const uint8_t *received, bool ipv6);

/* @returns how many bytes: a packet with a long header, filled up to `size` with what stands for ciphertext */
size_t put_long(uint8_t *at, uint8_t first, const struct ids *ids, size_t size);
/* False where it is none of version 1. */
bool get_long(const uint8_t *bytes, size_t length, struct ids *ids);
/* @param turn comes back in what answers it */
size_t put_short(uint8_t *at, bool spin, const uint8_t *id, uint8_t id_length, uint8_t turn);

void start_server(int argc, char **argv);
void server_event(uint64_t tag);
void server_due(uint64_t now);

void start_client(int argc, char **argv);
void client_event(uint64_t tag);
void client_due(uint64_t now);
/* At so many exchanges per second. */
void begin_due(uint64_t rate, uint64_t now);

#endif
