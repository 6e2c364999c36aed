/* SPDX-License-Identifier: MIT */
/*
 * flood <kind> <interface> <namespace of the other end> <packets a second> <ms>
 *
 * Raw TCP segments with timestamps between the two ends of a veth pair, of addresses that neither end has.
 * This end ("near") is in the namespace that it is started in.
 *
 * live: FLOWS connections, each with an exchange every EXCHANGE_MS: data of the near end, answered RTT_MS
 * later. The packet rate does not count. It begins with a handshake each.
 *
 * Floods of strangers, coming from the far end: syn, ack, data, fin, rst of a random tuple each;
 * handshake (complete, and nothing after it), aborted (the same, and a RST), fill (data of few tuples,
 * under a new TSval each).
 *
 * Forgeries of the live connections, from both ends in turn, with random numbers: forged-syn, forged-ack,
 * forged-data, forged-fin, forged-rst.
 *
 * Prints, at its end, a JSON line: packets sent, exchanges completed, ms.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FLOWS 200
#define EXCHANGE_MS 250
#define RTT_MS 20
#define PAYLOAD 40
#define NS_PER_MS 1000000ULL
#define HEADERS (14 + 20 + 32)
#define NEAR_NETWORK 0x0a4d0000 /* 10.77.0.0/16 */
#define STRANGERS 0x0b000000    /* 11.0.0.0/8 */
#define SERVER_PORT 80
#define FILL_TUPLES 500

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };
enum { NEAR, FAR };

struct end {
	int socket;
	unsigned char mac[6];
};

/* A connection: the near end's server, and a client. */
struct tuple {
	uint32_t client;
	uint16_t port;
};

struct numbers {
	uint32_t seq, ack, tsval, tsecr;
};

struct live {
	struct tuple tuple;
	struct numbers numbers[2]; /* what each end sends next */
	uint64_t asks, answers;    /* ms at which it does so next; 0 = not waited for */
};

static struct end ends[2];
static uint64_t sent, exchanges;
static uint64_t random_state = 88172645463325252ULL;

static uint64_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void open_end(struct end *end, const char *interface)
{
	struct ifreq request = {0};
	struct sockaddr_ll at = { .sll_family = AF_PACKET };
	int room = 4 << 20;

	/* No protocol: nothing is received. */
	end->socket = socket(AF_PACKET, SOCK_RAW, 0);
	if (end->socket < 0)
		fail("socket");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (ioctl(end->socket, SIOCGIFHWADDR, &request))
		fail(interface);
	memcpy(end->mac, request.ifr_hwaddr.sa_data, sizeof(end->mac));
	at.sll_ifindex = if_nametoindex(interface);
	if (bind(end->socket, (struct sockaddr *)&at, sizeof(at)))
		fail("bind");
	setsockopt(end->socket, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
}

static void put_word(unsigned char *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

static void put_half(unsigned char *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static uint16_t header_checksum(const unsigned char *header)
{
	uint32_t sum = 0;

	for (int i = 0; i < 20; i += 2)
		sum += header[i] << 8 | header[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

static void send_segment(int from, struct tuple tuple, int flags, struct numbers numbers, int payload)
{
	uint32_t server = NEAR_NETWORK + 1;
	unsigned char frame[HEADERS + PAYLOAD] = {0};
	unsigned char *ip = frame + 14, *tcp = ip + 20;

	memcpy(frame, ends[!from].mac, 6);
	memcpy(frame + 6, ends[from].mac, 6);
	put_half(frame + 12, ETH_P_IP);
	ip[0] = 0x45;
	put_half(ip + 2, 20 + 32 + payload);
	ip[8] = 64;
	ip[9] = 6;
	put_word(ip + 12, from == NEAR ? server : tuple.client);
	put_word(ip + 16, from == NEAR ? tuple.client : server);
	put_half(ip + 10, header_checksum(ip));
	put_half(tcp, from == NEAR ? SERVER_PORT : tuple.port);
	put_half(tcp + 2, from == NEAR ? tuple.port : SERVER_PORT);
	put_word(tcp + 4, numbers.seq);
	put_word(tcp + 8, numbers.ack);
	tcp[12] = 0x80;
	tcp[13] = flags;
	put_half(tcp + 14, 1000);
	memcpy(tcp + 20, "\1\1\10\12", 4);
	put_word(tcp + 24, numbers.tsval);
	put_word(tcp + 28, numbers.tsecr);
	/* A full queue is the flood's own limit. */
	while (send(ends[from].socket, frame, HEADERS + payload, 0) < 0)
		usleep(100);
	sent++;
}

static struct numbers random_numbers(void)
{
	struct numbers numbers = { random_number(), random_number() >> 8, random_number() >> 16,
				   random_number() >> 24 };
	return numbers;
}

static struct tuple random_tuple(void)
{
	struct tuple tuple = { STRANGERS + random_number() % (1 << 24), random_number() >> 40 };

	return tuple;
}

static struct tuple live_tuple(uint32_t number)
{
	struct tuple tuple = { NEAR_NETWORK + 0x100 + number, 20000 + number };

	return tuple;
}

/* A complete handshake, from the far end. */
static void shake(struct tuple tuple, struct numbers client, struct numbers server)
{
	struct numbers syn = { client.seq, 0, client.tsval, 0 };
	struct numbers answer = { server.seq, client.seq + 1, server.tsval, client.tsval };
	struct numbers last = { client.seq + 1, server.seq + 1, client.tsval + 1, server.tsval };

	send_segment(FAR, tuple, SYN, syn, 0);
	send_segment(NEAR, tuple, SYN | ACK, answer, 0);
	send_segment(FAR, tuple, ACK, last, 0);
}

static void begin_live(struct live *live, uint32_t number)
{
	struct numbers client = random_numbers(), server = random_numbers();

	live->tuple = live_tuple(number);
	shake(live->tuple, client, server);
	live->numbers[NEAR] = (struct numbers){ server.seq + 1, client.seq + 1, server.tsval, client.tsval + 1 };
	live->numbers[FAR] = (struct numbers){ client.seq + 1, server.seq + 1, client.tsval, server.tsval };
	live->asks = 1 + (uint64_t)number * EXCHANGE_MS / FLOWS;
}

static void go_on(struct live *live, uint64_t start)
{
	uint64_t ms = (now_ns() - start) / NS_PER_MS;
	struct numbers *near = &live->numbers[NEAR], *far = &live->numbers[FAR];
	struct numbers segment;

	if (live->answers && live->answers <= ms) {
		segment = *far;
		segment.tsval += ms + 10;
		send_segment(FAR, live->tuple, ACK, segment, 0);
		near->tsecr = segment.tsval;
		live->answers = 0;
		exchanges++;
	}
	/* Of what is late, too, no RTT is shorter: it is answered that long after it has been sent. */
	if (live->asks <= ms && !live->answers) {
		ms = (now_ns() - start) / NS_PER_MS;
		segment = *near;
		segment.tsval += ms + 10;
		send_segment(NEAR, live->tuple, ACK, segment, PAYLOAD);
		near->seq = far->ack = near->seq + PAYLOAD;
		far->tsecr = segment.tsval;
		live->answers = (now_ns() - start) / NS_PER_MS + 1 + RTT_MS;
		live->asks += EXCHANGE_MS;
	}
}

static void run_live(uint64_t end_ms)
{
	static struct live lives[FLOWS];
	uint64_t start = now_ns();

	for (uint32_t i = 0; i < FLOWS; i++)
		begin_live(&lives[i], i);
	while (now_ns() - start < end_ms * NS_PER_MS) {
		for (uint32_t i = 0; i < FLOWS; i++)
			go_on(&lives[i], start);
		usleep(500);
	}
}

static int flags_of(const char *kind)
{
	static const struct { const char *kind; int flags; } all[] = {
		{ "syn", SYN }, { "ack", ACK }, { "data", ACK }, { "fin", FIN | ACK }, { "rst", RST },
	};

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i].kind, kind))
			return all[i].flags;
	fprintf(stderr, "no such flood: %s\n", kind);
	exit(2);
}

static void send_stranger(const char *kind)
{
	struct numbers numbers = random_numbers();

	if (!strcmp(kind, "fill")) {
		struct tuple tuple = { STRANGERS + sent % FILL_TUPLES, 30000 };

		numbers.seq = sent / FILL_TUPLES * PAYLOAD;
		numbers.tsval = 1 + sent / FILL_TUPLES;
		send_segment(NEAR, tuple, ACK, numbers, PAYLOAD);
	} else if (!strcmp(kind, "handshake") || !strcmp(kind, "aborted")) {
		struct tuple tuple = random_tuple();

		shake(tuple, numbers, random_numbers());
		numbers.seq++;
		if (*kind == 'a')
			send_segment(FAR, tuple, RST, numbers, 0);
	} else {
		send_segment(FAR, random_tuple(), flags_of(kind), numbers, strcmp(kind, "data") ? 0 : PAYLOAD);
	}
}

static void send_forgery(const char *kind)
{
	struct tuple tuple = live_tuple(random_number() % FLOWS);

	send_segment(sent & 1, tuple, flags_of(kind), random_numbers(), strcmp(kind, "data") ? 0 : PAYLOAD);
}

static void run_flood(const char *kind, double per_second, uint64_t end_ms)
{
	uint64_t start = now_ns(), elapsed;
	int is_forgery = !strncmp(kind, "forged-", 7);

	while ((elapsed = now_ns() - start) < end_ms * NS_PER_MS) {
		while (sent < per_second * elapsed / 1e9)
			is_forgery ? send_forgery(kind + 7) : send_stranger(kind);
		usleep(200);
	}
}

int main(int count, char **arguments)
{
	int other;

	if (count != 6) {
		fprintf(stderr, "usage: flood <kind> <interface> <namespace> <packets a second> <ms>\n");
		return 2;
	}
	open_end(&ends[NEAR], arguments[2]);
	other = open(arguments[3], O_RDONLY | O_CLOEXEC);
	if (other < 0 || setns(other, CLONE_NEWNET))
		fail(arguments[3]);
	open_end(&ends[FAR], arguments[2]);
	random_state ^= now_ns();
	if (!strcmp(arguments[1], "live"))
		run_live(atoll(arguments[5]));
	else
		run_flood(arguments[1], atof(arguments[4]), atoll(arguments[5]));
	printf("{\"sent\":%llu,\"exchanges\":%llu,\"ms\":%s}\n", (unsigned long long)sent,
	       (unsigned long long)exchanges, arguments[5]);
	return 0;
}
