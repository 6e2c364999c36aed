/* SPDX-License-Identifier: MIT */
/* Connections of QUIC, one packet at a time each way: a handshake, then as many turns of the spin bit as each has. */
#define _GNU_SOURCE
#include "talks.h"

#include <string.h>
#include <sys/socket.h>

#define MOST_TURNS 120
#define MOST_CONNECTIONS 4
#define PAUSE_MS 20
/* Until what is not answered is sent again. */
#define AGAIN_NS (1000 * NS_PER_MS)
/* One client of so many has no id of its own. */
#define WITHOUT_ID 4

static void send_packet(const struct talk *talk, const uint8_t *bytes, size_t length)
{
	/* What is lost is sent again. */
	send(talk->fd, bytes, length, MSG_DONTWAIT);
}

static void send_initial(struct talk *talk, uint64_t now)
{
	uint8_t bytes[LEAST_INITIAL];

	send_packet(talk, bytes, put_long(bytes, INITIAL, &talk->quic.ids, sizeof(bytes)));
	talk->due = now + AGAIN_NS;
}

static void send_turn(struct talk *talk, uint64_t now)
{
	uint8_t bytes[100];

	send_packet(talk, bytes, put_short(bytes, talk->quic.spin, talk->quic.ids.bytes[0], ID_BYTES, talk->left));
	talk->due = now + AGAIN_NS;
}

/* A turn is over once the packet that begins the next has been sent: both RTTs that it tells are shorter. */
static void begin_turn(struct talk *talk, void (*send)(struct talk *, uint64_t), uint64_t now)
{
	uint64_t began = now_ns(), before = talk->asked;

	talk->asked = began;
	talk->until = now + PATIENCE_NS;
	done[QUIC].asked++;
	send(talk, now);
	if (before)
		note_answer(QUIC, before);
}

static void begin_connection(struct talk *talk, uint64_t now)
{
	struct ids *ids = &talk->quic.ids;

	random_bytes(ids->bytes[0], 2 * ID_BYTES);
	ids->lengths[0] = ID_BYTES;
	ids->lengths[1] = below(WITHOUT_ID) ? ID_BYTES : 0;
	talk->quic.is_shaken = talk->quic.spin = false;
	talk->quic.is_random = !talk->quic.is_spinning && below(2);
	talk->left = 1 + below(MOST_TURNS);
	talk->asked = 0;
	begin_turn(talk, send_initial, now);
}

void begin_quic(const struct sockaddr_in6 *to, uint64_t now)
{
	struct talk *talk = new_talk(QUIC, to);

	if (!talk)
		return;
	talk->fd = udp_socket(0);
	if (connect(talk->fd, (struct sockaddr *)to, sizeof(*to)) < 0)
		return end_talk(talk);
	watch(talk->fd, tag_of(talk));
	talk->quic.is_spinning = to->sin6_port == htons(SPIN_PORT);
	talk->quic.connections = below(MOST_CONNECTIONS);
	begin_connection(talk, now);
}

static void end_connection(struct talk *talk, uint64_t now)
{
	if (!talk->quic.connections--)
		return end_talk(talk);
	talk->left = 0;
	talk->due = now + below(PAUSE_MS) * NS_PER_MS;
}

void quic_due(struct talk *talk, uint64_t now)
{
	if (!talk->left)
		return begin_connection(talk, now);
	if (now >= talk->until) {
		done[QUIC].given_up++;
		return end_talk(talk);
	}
	done[QUIC].again++;
	if (talk->quic.is_shaken)
		send_turn(talk, now);
	else
		send_initial(talk, now);
}

static void take_long(struct talk *talk, const uint8_t *bytes, const struct ids *theirs, uint64_t now)
{
	struct ids *ids = &talk->quic.ids;
	uint8_t packet[80];

	if (talk->quic.is_shaken)
		return; /* of an Initial that was sent again */
	memcpy(ids->bytes[0], theirs->bytes[1], ID_BYTES);
	ids->lengths[0] = theirs->lengths[1];
	if ((bytes[0] & 0xf0) == RETRY)
		return begin_turn(talk, send_initial, now);
	talk->quic.is_shaken = true;
	send_packet(talk, packet, put_long(packet, HANDSHAKE, ids, sizeof(packet)));
	begin_turn(talk, send_turn, now);
}

/* An answer to what was sent again may come twice: that of another turn counts no more. */
static void take_short(struct talk *talk, uint8_t first, uint8_t turn, uint64_t now)
{
	if (!talk->quic.is_shaken || !talk->left || turn != talk->left)
		return;
	if (!--talk->left) {
		note_answer(QUIC, talk->asked);
		return end_connection(talk, now);
	}
	talk->quic.spin = talk->quic.is_spinning ? !(first & SPIN) : talk->quic.is_random && below(2);
	begin_turn(talk, send_turn, now);
}

void quic_event(struct talk *talk)
{
	uint8_t bytes[MOST_BYTES];
	struct ids theirs;
	ssize_t length = recv(talk->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (length <= 0)
		return;
	if (get_long(bytes, length, &theirs))
		take_long(talk, bytes, &theirs, now_ns());
	else if (!(bytes[0] & 0x80))
		take_short(talk, bytes[0], bytes[length - 1], now_ns());
}
