/* SPDX-License-Identifier: MIT */
/* Programs that ping: each has an identifier, and sends a few requests. */
#define _GNU_SOURCE
#include "talks.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>

/* Few, so that they are used again while they are known. */
#define IDENTIFIERS 512
#define MOST_REQUESTS 8
#define BYTES 64

static int sockets[2];
/* Plus 1, by the identifier; 0 where nobody has it. */
static unsigned int users[2][IDENTIFIERS];

static unsigned int *user_of(bool ipv6, uint16_t id)
{
	return &users[ipv6][id % IDENTIFIERS];
}

void start_echo(void)
{
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		sockets[ipv6] = icmp_socket(ipv6, ipv6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY);
		watch(sockets[ipv6], TALKS + ipv6);
	}
}

void begin_echo(const struct sockaddr_in6 *to, uint64_t now)
{
	uint16_t id = below(IDENTIFIERS);
	unsigned int *user = user_of(!is_ipv4(to), id);
	struct talk *talk;

	if (*user)
		return;
	talk = new_talk(ECHO, to);
	if (!talk)
		return;
	*user = tag_of(talk) + 1;
	talk->id = id;
	talk->left = 1 + below(MOST_REQUESTS);
	talk->echo.sequence = below(65536);
	echo_due(talk, now);
}

static void put_word(uint8_t *at, uint16_t word)
{
	at[0] = word >> 8;
	at[1] = word;
}

static uint16_t get_word(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static void request(struct talk *talk)
{
	bool ipv6 = !is_ipv4(&talk->to);
	uint16_t sequence = ++talk->echo.sequence;
	uint64_t *at = &talk->echo.at[sequence % 16];
	uint8_t message[BYTES] = {ipv6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO};
	struct sockaddr_in to = {.sin_family = AF_INET};

	put_word(message + 4, talk->id);
	put_word(message + 6, sequence);
	complete_icmp(message, sizeof(message), ipv6);
	memcpy(&to.sin_addr, talk->to.sin6_addr.s6_addr + 12, sizeof(to.sin_addr));
	*at = now_ns();
	if (sendto(sockets[ipv6], message, sizeof(message), MSG_DONTWAIT,
		   ipv6 ? (struct sockaddr *)&talk->to : (struct sockaddr *)&to,
		   ipv6 ? sizeof(talk->to) : sizeof(to)) < 0)
		*at = 0;
	else
		done[ECHO].asked++;
}

static unsigned int waiting(const struct talk *talk)
{
	unsigned int count = 0;

	for (int at = 0; at < 16; at++)
		count += talk->echo.at[at] != 0;
	return count;
}

static void end(struct talk *talk)
{
	*user_of(!is_ipv4(&talk->to), talk->id) = 0;
	end_talk(talk);
}

/* The next request; behind the last, what is not answered is given up. */
void echo_due(struct talk *talk, uint64_t now)
{
	if (talk->left) {
		talk->left--;
		request(talk);
		talk->due = now + (talk->left ? (3 + below(30)) * NS_PER_MS : PATIENCE_NS);
		return;
	}
	done[ECHO].given_up += waiting(talk);
	end(talk);
}

static void take(bool ipv6, const uint8_t *message)
{
	unsigned int user = *user_of(ipv6, get_word(message + 4));
	uint16_t sequence = get_word(message + 6);
	struct talk *talk = user ? &talks[user - 1] : 0;
	uint64_t *at = talk ? &talk->echo.at[sequence % 16] : 0;

	if (!talk || !*at || (uint16_t)(talk->echo.sequence - sequence) >= 16) {
		done[ECHO].again++;
		return;
	}
	note_answer(ECHO, *at);
	*at = 0;
	if (!talk->left && !waiting(talk))
		end(talk);
}

void echo_event(bool ipv6)
{
	uint8_t bytes[MOST_BYTES];
	ssize_t length;
	size_t offset;

	while ((length = recv(sockets[ipv6], bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		offset = icmp_offset(bytes, ipv6);
		if ((size_t)length >= offset + 8)
			take(ipv6, bytes + offset);
	}
}
