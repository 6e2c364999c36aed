/* SPDX-License-Identifier: MIT */
/* Answers pings, queries and QUIC, each after the same time; some not at all, and some twice. */
#define _GNU_SOURCE
#include "datagrams.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>

#define WAITING 4096
/* One of so many. */
#define DROPPED 32
#define TWICE 16
#define RETRIED 16
#define FAILED 16

enum socket_of { PING4, PING6, DNS, QUIC, NO_SPIN, SOCKETS };

struct answer {
	uint64_t at;
	struct sockaddr_in6 to; /* or a sockaddr_in */
	socklen_t to_length;
	enum socket_of from;
	uint16_t length;
	uint8_t bytes[MOST_BYTES];
};

/* Of a client's address and port. */
struct peer {
	struct ids ids; /* as they are in what the server sends */
	bool is_retried;
};

static int sockets[SOCKETS];
static struct answer answers[WAITING];
static unsigned int first_waiting, waiting;
static struct peer peers[2][2][65536];

/* Where there is room, and a copy of it. All take as long, so that they go out in order. */
static void answer(const struct answer *proto)
{
	struct answer *new;

	if (waiting == WAITING)
		return;
	new = &answers[(first_waiting + waiting++) % WAITING];
	*new = *proto;
	new->at = now_ns() + DELAY_NS;
}

/* One that is lost on the way is not missed: the network may be broken. */
void server_due(uint64_t now)
{
	for (; waiting && answers[first_waiting].at <= now; waiting--) {
		const struct answer *due = &answers[first_waiting];

		sendto(sockets[due->from], due->bytes, due->length, MSG_DONTWAIT,
		       (const struct sockaddr *)&due->to, due->to_length);
		first_waiting = (first_waiting + 1) % WAITING;
	}
}

static void answer_ping(struct answer *a, const uint8_t *bytes, size_t length)
{
	bool ipv6 = a->from == PING6;
	size_t offset = icmp_offset(bytes, ipv6);

	if (length < offset + 8 || !below(DROPPED))
		return;
	a->length = length - offset;
	memcpy(a->bytes, bytes + offset, a->length);
	a->bytes[0] = ipv6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY;
	complete_icmp(a->bytes, a->length, ipv6);
	answer(a);
	if (!below(TWICE))
		answer(a);
}

static void answer_query(struct answer *a, const uint8_t *bytes, size_t length)
{
	if (length < 12 || !below(DROPPED))
		return;
	a->length = length;
	memcpy(a->bytes, bytes, length);
	a->bytes[2] |= 0x80;
	a->bytes[3] = below(FAILED) ? 0 : 2; /* SERVFAIL */
	answer(a);
	if (!below(TWICE))
		answer(a);
}

/* What is sent back goes to the client's own id, and the server has one for itself. */
static void meet(struct peer *peer, const struct ids *theirs)
{
	memcpy(peer->ids.bytes[0], theirs->bytes[1], ID_BYTES);
	peer->ids.lengths[0] = theirs->lengths[1];
	random_bytes(peer->ids.bytes[1], ID_BYTES);
	peer->ids.lengths[1] = ID_BYTES;
}

static void answer_initial(struct answer *a, struct peer *peer, const struct ids *theirs)
{
	bool is_after_retry = peer->is_retried &&
			      !memcmp(theirs->bytes[0], peer->ids.bytes[1], ID_BYTES);

	meet(peer, theirs);
	peer->is_retried = !is_after_retry && !below(RETRIED);
	if (peer->is_retried)
		a->length = put_long(a->bytes, RETRY, &peer->ids, 80);
	else
		a->length = put_long(a->bytes, INITIAL, &peer->ids, LEAST_INITIAL);
	answer(a);
}

static void answer_quic(struct answer *a, const uint8_t *bytes, size_t length)
{
	bool is_spinning = a->from == QUIC;
	struct peer *peer = &peers[is_spinning][is_ipv4(&a->to)][ntohs(a->to.sin6_port)];
	struct ids theirs;
	bool spin;

	if (!length)
		return;
	if (get_long(bytes, length, &theirs)) {
		if ((bytes[0] & 0xf0) == INITIAL && length >= LEAST_INITIAL)
			answer_initial(a, peer, &theirs);
		return;
	}
	spin = is_spinning ? bytes[0] & SPIN : ntohs(a->to.sin6_port) & 1 && below(2);
	a->length = put_short(a->bytes, spin, peer->ids.bytes[0], peer->ids.lengths[0], bytes[length - 1]);
	answer(a);
}

void server_event(uint64_t tag)
{
	static uint8_t bytes[MOST_BYTES];
	static struct answer a;
	ssize_t length;

	for (;;) {
		a.from = tag;
		a.to_length = sizeof(a.to);
		length = recvfrom(sockets[tag], bytes, sizeof(bytes), MSG_DONTWAIT,
				  (struct sockaddr *)&a.to, &a.to_length);
		if (length < 0)
			return;
		if (tag == PING4 || tag == PING6)
			answer_ping(&a, bytes, length);
		else if (tag == DNS)
			answer_query(&a, bytes, length);
		else
			answer_quic(&a, bytes, length);
	}
}

void start_server(int argc, char **argv)
{
	(void)argc, (void)argv;
	seed_random(1);
	sockets[PING4] = icmp_socket(false, ICMP_ECHO);
	sockets[PING6] = icmp_socket(true, ICMP6_ECHO_REQUEST);
	sockets[DNS] = udp_socket(DNS_PORT);
	sockets[QUIC] = udp_socket(SPIN_PORT);
	sockets[NO_SPIN] = udp_socket(NO_SPIN_PORT);
	for (uint64_t which = 0; which < SOCKETS; which++)
		watch(sockets[which], which);
}
