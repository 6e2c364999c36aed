/* SPDX-License-Identifier: MIT */
/* Queries: from a port each, or from one of a few that many share; some are sent again. */
#define _GNU_SOURCE
#include "talks.h"

#include <string.h>
#include <sys/socket.h>

/* One of so many is sent again: before an answer can be there; and of those without an answer. */
#define IMPATIENT 16
#define PATIENT 2
#define AGAIN_NS (300 * NS_PER_MS)

static const uint8_t question[] = "\4soak\4test\0\0\1\0";
static int sockets[SHARED_SOCKETS];
/* Plus 1, by socket and id; 0 where none waits. */
static unsigned int users[SHARED_SOCKETS][65536];

void start_queries(void)
{
	for (int at = 0; at < SHARED_SOCKETS; at++) {
		sockets[at] = udp_socket(0);
		watch(sockets[at], TALKS + 2 + at);
	}
}

static bool send_query(const struct talk *talk)
{
	uint8_t message[12 + sizeof(question)] = {talk->id >> 8, talk->id, 1, 0, 0, 1};
	int fd = talk->socket == OWN_SOCKET ? talk->fd : sockets[talk->socket];

	memcpy(message + 12, question, sizeof(question));
	return sendto(fd, message, sizeof(message), MSG_DONTWAIT, (struct sockaddr *)&talk->to,
		      sizeof(talk->to)) >= 0;
}

static void end(struct talk *talk)
{
	if (talk->socket != OWN_SOCKET)
		users[talk->socket][talk->id] = 0;
	end_talk(talk);
}

void begin_query(const struct sockaddr_in6 *to, uint64_t now)
{
	uint8_t socket = below(2 * SHARED_SOCKETS);
	uint16_t id = below(65536);
	struct talk *talk;

	if (socket > OWN_SOCKET)
		socket = OWN_SOCKET;
	if (socket < OWN_SOCKET && users[socket][id])
		return;
	talk = new_talk(QUERY, to);
	if (!talk)
		return;
	talk->id = id;
	talk->socket = socket;
	if (socket == OWN_SOCKET) {
		talk->fd = udp_socket(0);
		watch(talk->fd, tag_of(talk));
	} else
		users[socket][id] = tag_of(talk) + 1;
	talk->until = now + PATIENCE_NS;
	talk->asked = now_ns();
	if (!send_query(talk))
		return end(talk);
	done[QUERY].asked++;
	talk->due = below(IMPATIENT) ? now + AGAIN_NS : now + NS_PER_MS;
}

void query_due(struct talk *talk, uint64_t now)
{
	bool is_impatient = now - talk->asked < AGAIN_NS;

	talk->due = talk->until;
	if (now >= talk->until) {
		done[QUERY].given_up++;
		return end(talk);
	}
	if (!is_impatient && below(PATIENT))
		return;
	/* What is not answered by then, since one end has no CPU, is sent again as well. */
	if (send_query(talk))
		done[QUERY].again++;
}

static void take(struct talk *talk)
{
	note_answer(QUERY, talk->asked);
	end(talk);
}

/* @param talk of an own socket */
void query_event(uint8_t socket, struct talk *talk)
{
	uint8_t bytes[MOST_BYTES];
	unsigned int user;
	ssize_t length;

	if (socket == OWN_SOCKET) {
		length = recv(talk->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (length >= 12)
			take(talk);
		return;
	}
	while ((length = recv(sockets[socket], bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		user = length >= 12 ? users[socket][bytes[0] << 8 | bytes[1]] : 0;
		if (user)
			take(&talks[user - 1]);
	}
}
