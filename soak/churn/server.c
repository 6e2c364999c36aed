/* SPDX-License-Identifier: MIT */
/* Answers, and ends connections as their requests say. */
#define _GNU_SOURCE
#include "churn.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define ABANDONED_MS 1000 /* until a server ends what it hears no more of */

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

void server_due(int fd, uint64_t now)
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

/* Of a connection, or of a listener. */
void server_event(int fd, uint64_t now)
{
	if (connections[fd].used)
		serve(fd, now);
	else
		take(fd, now);
}

void start_server(int argc, char **argv)
{
	uint16_t first_port = atoi(argv[2]);

	for (int i = 3; i < argc; i++)
		for (int port = 0; port < PORTS; port++)
			listen_on(address_of(argv[i], 0), first_port + port);
}
