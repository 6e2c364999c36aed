/* SPDX-License-Identifier: MIT */
/* Opens connections, asks, and ends them as each is to end. */
#define _GNU_SOURCE
#include "churn.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define MAX_ADDRESSES 4
#define MAX_OPEN 8192  /* connections at a time; more are skipped, and counted */
#define TALK_MS 100    /* between two requests of a long-lived connection */

static const char *const end_names[ENDS] = {
	"client_fin", "server_fin", "client_rst", "server_rst",
	"vanished",   "half_open",  "refused",    "syn_only",
};
/* Of 100. */
static const unsigned int shares[ENDS] = {25, 25, 10, 10, 10, 5, 10, 5};

static unsigned int long_lived, long_lost;
static uint64_t opened, skipped, failed, answers, ended[ENDS];
static struct sockaddr_in6 targets[MAX_ADDRESSES], nobody;
static unsigned int target_count;
static uint16_t first_port;
static uint32_t random_state;

/* From 0 up to, not including, `limit` (xorshift32). */
static uint32_t below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % limit;
}

static void give_up(int fd)
{
	if (connections[fd].end == LONG_LIVED)
		long_lived--, long_lost++;
	failed++;
	reset(fd);
}

static void finish(int fd)
{
	ended[connections[fd].end]++;
	leave(fd);
}

static void request(int fd)
{
	struct connection *c = &connections[fd];
	char bytes[REQUEST_BYTES] = {c->end, c->end != LONG_LIVED && c->requests == 1};

	/* What finds no room would only be one request less: nobody waits for it. */
	if (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN)
		give_up(fd);
}

static enum end random_end(void)
{
	uint32_t ticket = below(100);
	int end = 0;

	while (ticket >= shares[end])
		ticket -= shares[end++];
	return end;
}

static void open_one(enum end end, uint64_t now)
{
	struct sockaddr_in6 address = end == SYN_ONLY ? nobody : targets[below(target_count)];
	int fd, on = 1;
	struct connection *c;

	address.sin6_port = htons(first_port + (end == REFUSED ? -1 : (int)below(PORTS)));
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fail("socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c = add(fd, end);
	opened++;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 && errno != EINPROGRESS) {
		if (errno == ECONNREFUSED && end == REFUSED)
			finish(fd);
		else
			give_up(fd);
		return;
	}
	if (end == SYN_ONLY)
		return finish(fd);
	c->connecting = 1;
	c->requests = 1 + below(3);
	c->deadline = now + PATIENCE_MS;
	watch(fd, EPOLLOUT, EPOLL_CTL_ADD);
}

static void connected(int fd, uint64_t now)
{
	struct connection *c = &connections[fd];
	int error = 0;
	socklen_t length = sizeof(error);

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	if (error == ECONNREFUSED && c->end == REFUSED)
		return finish(fd);
	if (error)
		return give_up(fd);
	c->connecting = 0;
	watch(fd, EPOLLIN, EPOLL_CTL_MOD);
	if (c->end == LONG_LIVED)
		long_lived++, c->deadline = now + below(TALK_MS) + 1;
	else
		request(fd);
}

/* All that was asked for is here. */
static void satisfied(int fd, uint64_t now)
{
	struct connection *c = &connections[fd];

	if (c->end == CLIENT_FIN)
		return finish(fd);
	if (c->end == CLIENT_RST) {
		ended[CLIENT_RST]++;
		return reset(fd);
	}
	c->leaving = 1; /* the others wait for the server, or for silence */
	if (c->end == VANISHED || c->end == HALF_OPEN)
		c->deadline = now + QUIET_MS;
}

/* The server has ended it, or the network has. */
static void ended_by_peer(int fd)
{
	struct connection *c = &connections[fd];

	if (c->end == SERVER_FIN || c->end == SERVER_RST)
		finish(fd);
	else
		give_up(fd);
}

static void answered(int fd, uint64_t now)
{
	struct connection *c = &connections[fd];
	char bytes[16384];
	ssize_t length = recv(fd, bytes, sizeof(bytes), 0);

	if (length < 0 && errno == EAGAIN)
		return;
	if (length <= 0)
		return ended_by_peer(fd);
	c->received += length;
	while (c->received >= ANSWER_BYTES) {
		c->received -= ANSWER_BYTES;
		answers++;
		if (c->end == LONG_LIVED || !c->requests)
			continue;
		if (--c->requests == 0)
			return satisfied(fd, now);
		request(fd);
		if (!c->used)
			return;
	}
}

void client_event(int fd, uint64_t now)
{
	if (connections[fd].connecting)
		connected(fd, now);
	else
		answered(fd, now);
}

void client_due(int fd, uint64_t now)
{
	struct connection *c = &connections[fd];

	if (c->end == LONG_LIVED && !c->connecting) {
		c->deadline = now + TALK_MS;
		return request(fd);
	}
	if (!c->leaving || (c->end != VANISHED && c->end != HALF_OPEN))
		return give_up(fd);
	ended[c->end]++;
	vanish(fd);
}

/* Those of the time that has passed, as whole connections; none is caught up on after a stop. */
void open_due(uint64_t rate, uint64_t now)
{
	static uint64_t last, thousandths;

	thousandths += (now - last > 100 ? 100 : now - last) * rate;
	last = now;
	for (; thousandths >= 1000; thousandths -= 1000) {
		if (open_now < MAX_OPEN)
			open_one(random_end(), now);
		else
			skipped++;
	}
}

void print_stats(void)
{
	printf("{\"opened\":%llu,\"skipped\":%llu,\"failed\":%llu,\"answers\":%llu,\"alive\":%u,"
	       "\"long_lived\":%u,\"long_lost\":%u,\"ended\":{",
	       (unsigned long long)opened, (unsigned long long)skipped, (unsigned long long)failed,
	       (unsigned long long)answers, open_now, long_lived, long_lost);
	for (int end = 0; end < ENDS; end++)
		printf("%s\"%s\":%llu", end ? "," : "", end_names[end],
		       (unsigned long long)ended[end]);
	printf("}}\n");
	fflush(stdout);
}

void start_client(int argc, char **argv)
{
	unsigned int wanted = atoi(argv[4]);

	first_port = atoi(argv[2]);
	random_state = strtoul(argv[3], NULL, 10) | 1;
	nobody = address_of(argv[5], 0);
	for (int i = 6; i < argc && target_count < MAX_ADDRESSES; i++)
		targets[target_count++] = address_of(argv[i], 0);
	for (unsigned int i = 0; i < wanted; i++)
		open_one(LONG_LIVED, now_ms());
}
