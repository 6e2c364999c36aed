/* SPDX-License-Identifier: MIT */
/* What both ends do with connections. */
#define _GNU_SOURCE
#include "churn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct connection connections[MAX_FDS];
int highest;
unsigned int open_now;
int poller;

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

void watch(int fd, uint32_t events, int operation)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	if (epoll_ctl(poller, operation, fd, &event) < 0)
		fail("epoll_ctl");
}

struct connection *add(int fd, enum end end)
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

void leave(int fd)
{
	connections[fd].used = 0;
	open_now--;
	close(fd);
}

void reset(int fd)
{
	struct linger linger = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	leave(fd);
}

void vanish(int fd)
{
	int on = 1;

	/* In repair mode closing sends nothing. */
	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)) < 0)
		fail("TCP_REPAIR");
	leave(fd);
}
