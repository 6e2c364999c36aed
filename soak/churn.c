/* SPDX-License-Identifier: MIT */
/*
 * churn server <port> <address>...
 * churn client <port> <seed> <long-lived> <nobody> <address>...
 *
 * Connections that begin, talk and end in every way there is. The client opens them at a rate, to
 * all addresses and PORTS ports from <port> on; <port> - 1 is closed, and at the address <nobody>
 * no one answers. The long-lived ones stay to the end. Both print "ready". Lines on the client's stdin:
 *
 *   rate <n>   connections to open per second from now on; 0 at first
 *   stats      print what was done so far, as one JSON line
 *
 * EOF on stdin ends either.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORTS 4
#define MAX_ADDRESSES 4
#define MAX_FDS 16384
#define MAX_OPEN 8192  /* connections at a time; more are skipped, and counted */
#define REQUEST_BYTES 64
#define ANSWER_BYTES 256
#define TICK_MS 5
#define TALK_MS 100    /* between two requests of a long-lived connection */
#define QUIET_MS 150   /* until everything is acknowledged, before a socket vanishes */
#define ABANDONED_MS 1000 /* until a server ends what it hears no more of */
#define PATIENCE_MS 20000 /* for an answer; longer than any fault */

/* How a connection ends. The client tells the server in its request. */
enum end {
	CLIENT_FIN,
	SERVER_FIN,
	CLIENT_RST,
	SERVER_RST,
	VANISHED,  /* at both ends, without a packet */
	HALF_OPEN, /* vanished at the client; the server's FIN meets nobody */
	REFUSED,   /* a closed port */
	SYN_ONLY,  /* nobody answers, and it is given up */
	ENDS,
	LONG_LIVED = ENDS,
};

static const char *const end_names[ENDS] = {
	"client_fin", "server_fin", "client_rst", "server_rst",
	"vanished",   "half_open",  "refused",    "syn_only",
};
/* Of 100. */
static const unsigned int shares[ENDS] = {25, 25, 10, 10, 10, 5, 10, 5};

struct connection {
	uint8_t used, end, connecting, leaving;
	uint8_t requests;   /* left to be answered */
	uint32_t received;  /* bytes of an unfinished request or answer */
	char kind;          /* server: of the request that is being read */
	bool last;
	uint64_t deadline;  /* ms; 0 = none */
};

static struct connection connections[MAX_FDS];
static int highest;
static unsigned int open_now, long_lived, long_lost;
static uint64_t opened, skipped, failed, answers, ended[ENDS];
static struct sockaddr_in6 targets[MAX_ADDRESSES], nobody;
static unsigned int target_count;
static uint16_t first_port;
static uint32_t random_state;
static int poller;
static bool is_server;

static void fail(const char *what)
{
	fprintf(stderr, "churn: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* From 0 up to, not including, `limit` (xorshift32). */
static uint32_t below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % limit;
}

/* IPv4 as IPv4-mapped: one kind of socket for both. */
static struct sockaddr_in6 address_of(const char *text)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6};
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(text, ':') ? "" : "::ffff:", text);
	if (inet_pton(AF_INET6, mapped, &address.sin6_addr) != 1)
		errno = EINVAL, fail(text);
	return address;
}

static void watch(int fd, uint32_t events, int operation)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	if (epoll_ctl(poller, operation, fd, &event) < 0)
		fail("epoll_ctl");
}

static struct connection *add(int fd, enum end end)
{
	struct connection *connection = &connections[fd];

	if (fd >= MAX_FDS)
		errno = EMFILE, fail("connections");
	memset(connection, 0, sizeof(*connection));
	connection->used = 1;
	connection->end = end;
	if (fd > highest)
		highest = fd;
	open_now++;
	return connection;
}

static void leave(int fd)
{
	connections[fd].used = 0;
	open_now--;
	close(fd);
}

static void reset(int fd)
{
	struct linger linger = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	leave(fd);
}

/* In repair mode closing sends nothing. */
static void vanish(int fd)
{
	int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)) < 0)
		fail("TCP_REPAIR");
	leave(fd);
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

/* --- the client --- */

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

static void client_due(int fd, uint64_t now)
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
static void open_due(uint64_t rate, uint64_t now)
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

static void print_stats(void)
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

/* --- the server --- */

static void serve_end(int fd, uint64_t now)
{
	struct connection *c = &connections[fd];

	if (c->end == SERVER_FIN)
		return leave(fd);
	if (c->end == SERVER_RST)
		return reset(fd);
	c->leaving = 1;
	if (c->end == VANISHED)
		c->deadline = now + QUIET_MS;
	if (c->end == HALF_OPEN)
		c->deadline = now + ABANDONED_MS;
}

static void serve(int fd, uint64_t now)
{
	static char answer[ANSWER_BYTES];
	struct connection *c = &connections[fd];
	char bytes[16384];
	ssize_t length = recv(fd, bytes, sizeof(bytes), 0);

	if (length < 0 && errno == EAGAIN)
		return;
	if (length <= 0)
		return leave(fd);
	for (ssize_t at = 0; at < length; at++) {
		if (c->received == 0)
			c->kind = bytes[at];
		if (c->received == 1)
			c->last = bytes[at];
		if (++c->received < REQUEST_BYTES)
			continue;
		c->received = 0;
		c->end = c->kind;
		c->deadline = c->end == LONG_LIVED ? 0 : now + PATIENCE_MS;
		send(fd, answer, sizeof(answer), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (c->last)
			return serve_end(fd, now);
	}
}

static void server_due(int fd, uint64_t now)
{
	struct connection *c = &connections[fd];
	int unacknowledged = 0;

	if (!c->leaving || c->end == HALF_OPEN)
		return c->leaving ? leave(fd) : reset(fd);
	/* What is not acknowledged would be sent again by nobody. */
	ioctl(fd, SIOCOUTQ, &unacknowledged);
	if (unacknowledged > 0)
		c->deadline = now + QUIET_MS;
	else
		vanish(fd);
}

static void take(int listener, uint64_t now)
{
	int fd, on = 1;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		add(fd, CLIENT_FIN)->deadline = now + PATIENCE_MS;
		watch(fd, EPOLLIN, EPOLL_CTL_ADD);
	}
}

static void listen_on(struct sockaddr_in6 address, uint16_t port)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	address.sin6_port = htons(port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 4096) < 0)
		fail("listen");
	watch(fd, EPOLLIN, EPOLL_CTL_ADD);
}

/* --- both --- */

/* False at the end of stdin. */
static bool obey(uint64_t *rate)
{
	static char line[256];
	static size_t used;
	ssize_t length = read(STDIN_FILENO, line + used, sizeof(line) - 1 - used);
	char *end;

	if (length <= 0)
		return length < 0 && errno == EINTR;
	used += length;
	line[used] = '\0';
	while ((end = memchr(line, '\n', used))) {
		*end++ = '\0';
		if (!strcmp(line, "stats"))
			print_stats();
		else if (!strncmp(line, "rate ", 5))
			*rate = strtoull(line + 5, NULL, 10);
		used -= end - line;
		memmove(line, end, used + 1);
	}
	return used < sizeof(line) - 1;
}

static void on_event(const struct epoll_event *event, uint64_t now)
{
	int fd = event->data.fd;
	struct connection *c = &connections[fd];

	if (!c->used)
		return is_server ? take(fd, now) : (void)0;
	if (is_server)
		serve(fd, now);
	else if (c->connecting)
		connected(fd, now);
	else
		answered(fd, now);
}

static void check_deadlines(uint64_t now)
{
	for (int fd = 0; fd <= highest; fd++) {
		struct connection *c = &connections[fd];

		if (!c->used || !c->deadline || c->deadline > now)
			continue;
		c->deadline = 0;
		if (is_server)
			server_due(fd, now);
		else
			client_due(fd, now);
	}
}

static void run(void)
{
	struct epoll_event events[256];
	uint64_t rate = 0, checked = 0, now;
	int count;

	for (;;) {
		count = epoll_wait(poller, events, 256, TICK_MS);
		if (count < 0 && errno != EINTR)
			fail("epoll_wait");
		now = now_ms();
		for (int i = 0; i < count; i++) {
			if (events[i].data.fd != STDIN_FILENO)
				on_event(&events[i], now);
			else if (!obey(&rate))
				return;
		}
		if (now - checked < TICK_MS)
			continue;
		checked = now;
		check_deadlines(now);
		if (!is_server)
			open_due(rate, now);
	}
}

static void start_server(int argc, char **argv)
{
	first_port = atoi(argv[2]);
	for (int i = 3; i < argc; i++)
		for (int port = 0; port < PORTS; port++)
			listen_on(address_of(argv[i]), first_port + port);
}

static void start_client(int argc, char **argv)
{
	unsigned int wanted = atoi(argv[4]);

	first_port = atoi(argv[2]);
	random_state = strtoul(argv[3], NULL, 10) | 1;
	nobody = address_of(argv[5]);
	for (int i = 6; i < argc && target_count < MAX_ADDRESSES; i++)
		targets[target_count++] = address_of(argv[i]);
	for (unsigned int i = 0; i < wanted; i++)
		open_one(LONG_LIVED, now_ms());
}

int main(int argc, char **argv)
{
	is_server = argc >= 4 && !strcmp(argv[1], "server");
	if (!is_server && (argc < 7 || strcmp(argv[1], "client"))) {
		fprintf(stderr, "usage: churn server <port> <address>...\n"
				"       churn client <port> <seed> <long-lived> <nobody> <address>...\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (poller < 0)
		fail("epoll_create1");
	watch(STDIN_FILENO, EPOLLIN, EPOLL_CTL_ADD);
	if (is_server)
		start_server(argc, argv);
	else
		start_client(argc, argv);
	puts("ready");
	fflush(stdout);
	run();
	return 0;
}
