/* SPDX-License-Identifier: MIT */
/*
 * datagrams server
 * datagrams client <seed> <address>...
 *
 * Pings, DNS and QUIC, at a rate, to all addresses. The server takes DELAY_NS for each answer, at least. Both print
 * "ready". Lines on the client's stdin:
 *
 *   rate <n>   exchanges to begin per second from now on; 0 at first
 *   stats      print what was done so far, as one JSON line
 *
 * EOF on stdin ends either.
 */
#define _GNU_SOURCE
#include "datagrams.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#define STDIN_TAG UINT64_MAX

static bool is_server;

static void run(void)
{
	struct epoll_event events[256];
	uint64_t rate = 0;
	int count;

	for (;;) {
		count = epoll_wait(poller, events, 256, 1);
		if (count < 0 && errno != EINTR)
			fail("epoll_wait");
		for (int i = 0; i < count; i++) {
			if (events[i].data.u64 == STDIN_TAG) {
				if (!obey(&rate))
					return;
			} else if (is_server)
				server_event(events[i].data.u64);
			else
				client_event(events[i].data.u64);
		}
		if (is_server) {
			server_due(now_ns());
			continue;
		}
		client_due(now_ns());
		begin_due(rate, now_ns());
	}
}

int main(int argc, char **argv)
{
	is_server = argc == 2 && !strcmp(argv[1], "server");
	if (!is_server && (argc < 4 || strcmp(argv[1], "client"))) {
		fprintf(stderr, "usage: datagrams server\n"
				"       datagrams client <seed> <address>...\n");
		return 2;
	}
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (poller < 0)
		fail("epoll_create1");
	/* What it does is timed in milliseconds. */
	prctl(PR_SET_TIMERSLACK, 50000);
	watch(STDIN_FILENO, STDIN_TAG);
	if (is_server)
		start_server(argc, argv);
	else
		start_client(argc, argv);
	puts("ready");
	fflush(stdout);
	run();
	return 0;
}
