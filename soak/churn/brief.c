/* SPDX-License-Identifier: MIT */
/* Processes that live for one connection, one after the other. */
#define _GNU_SOURCE
#include "churn.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_OWN_PORT 1024
#define OWN_PORTS 60000
#define BRIEF_PATIENCE_S 2

/* From the port that stands for this process, so that who watches can tell whose the connection is. */
static int open_own(struct sockaddr_in6 own)
{
	struct timeval patience = {.tv_sec = BRIEF_PATIENCE_S};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	own.sin6_port = htons(FIRST_OWN_PORT + getpid() % OWN_PORTS);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0)
		fail("bind");
	return fd;
}

/* Whether it was answered; the network may be broken. */
static int exchange(struct sockaddr_in6 own, struct sockaddr_in6 peer)
{
	char request[REQUEST_BYTES] = {CLIENT_FIN, 1}, answer[ANSWER_BYTES];
	int fd = open_own(own);

	return connect(fd, (struct sockaddr *)&peer, sizeof(peer)) == 0 &&
	       send(fd, request, sizeof(request), MSG_NOSIGNAL) == sizeof(request) &&
	       recv(fd, answer, sizeof(answer), MSG_WAITALL) == sizeof(answer);
}

/* churn brief <port> <own address> <address> <name> <processes>: prints how many were answered. */
void run_brief(char **argv)
{
	struct sockaddr_in6 own = address_of(argv[3], 0), peer = address_of(argv[4], 0);
	int answered = 0, status;
	pid_t pid;

	peer.sin6_port = htons(atoi(argv[2]));
	for (int left = atoi(argv[6]); left > 0; left--) {
		pid = fork();
		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			prctl(PR_SET_NAME, argv[5]);
			_exit(!exchange(own, peer));
		}
		waitpid(pid, &status, 0);
		answered += WIFEXITED(status) && WEXITSTATUS(status) == 0;
	}
	printf("%d\n", answered);
}
