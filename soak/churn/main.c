/* SPDX-License-Identifier: MIT */
/*
 * churn server <port> <address>...
 * churn client <port> <seed> <long-lived> <nobody> <address>...
 * churn brief <port> <own address> <address> <name> <processes>
 *
 * Connections that begin, talk and end in every way there is. The client opens them at a rate, to
 * all addresses and PORTS ports from <port> on; <port> - 1 is closed, and at the address <nobody>
 * no one answers. The long-lived ones stay to the end. Both print "ready". Lines on the client's stdin:
 *
 *   rate <n>   connections to open per second from now on; 0 at first
 *   stats      print what was done so far, as one JSON line
 *
 * EOF on stdin ends either. The third is another client: of processes that are called <name> and live for one
 * connection each, one after the other.
 */
#define _GNU_SOURCE
#include "churn.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define TICK_MS 5

static bool is_server;

static void on_event(int fd, uint64_t now)
{
	if (is_server)
		server_event(fd, now);
	else if (connections[fd].used)
		client_event(fd, now);
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
				on_event(events[i].data.fd, now);
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

int main(int argc, char **argv)
{
	if (argc == 7 && !strcmp(argv[1], "brief")) {
		run_brief(argv);
		return 0;
	}
	is_server = argc >= 4 && !strcmp(argv[1], "server");
	if (!is_server && (argc < 7 || strcmp(argv[1], "client"))) {
		fprintf(stderr, "usage: churn server <port> <address>...\n"
				"       churn client <port> <seed> <long-lived> <nobody> <address>...\n"
				"       churn brief <port> <own address> <address> <name> <processes>\n");
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
