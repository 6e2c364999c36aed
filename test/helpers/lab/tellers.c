/* SPDX-License-Identifier: MIT */
/*
 * Processes that tell each other who they are, each as it knows it of itself.
 *   tellers serve <port> [forking]
 *       at all addresses; says that it listens, then for each connection, as it was accepted:
 *           <peer's address> <its port> <own address> <own port> <the caller's words>
 *       forking: each is answered by a process of its own, which ends with it, and nothing is printed
 *   tellers call <address> <port> <count> <name> <manner> [<first own port> <own ports> <offset>]
 *       one process after the other, called <name>-<number>, each with one connection (manners.h), which it
 *       resets, so that its ports are free at once; from own ports in turn, if there are any, beginning with
 *       the one at the offset; for each it prints:
 *           <own address> <own port> <address> <port> <the server's words> <how long it lived, in us>
 * A server's words are: <pid> <name> <cgroup>; a caller's these, and: <own address> <own port> <address> <port>
 */
#include <arpa/inet.h>
#include <err.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "manners.h"

#define END_LENGTH 64
#define PATH_LENGTH 512
#define WORDS_LENGTH 1024
#define DEADLINE_S 120 /* of one connection: an emulated machine is slow */

/* Where all connections of a run go to. */
struct service {
	const char *address;
	const char *port;
	const char *name;
	const struct manner *manner;
	struct target target;
	int first_own_port; /* 0: any */
	int own_ports;
	int offset; /* of the first one's */
};

/* "10.78.0.1 40000", by getsockname() or getpeername(); IPv4 as such. */
static void put_end(int fd, char *text, int (*name)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_storage end;
	socklen_t size = sizeof(end);
	char address[INET6_ADDRSTRLEN], port[8];
	const char *mapped = "::ffff:";

	if (name(fd, (struct sockaddr *)&end, &size) ||
	    getnameinfo((struct sockaddr *)&end, size, address, sizeof(address), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		errx(1, "a socket without a name");
	snprintf(text, END_LENGTH, "%s %s",
		 address + (strncmp(address, mapped, strlen(mapped)) ? 0 : strlen(mapped)), port);
}

/* The process's own, of version 2. */
static void put_cgroup(char path[PATH_LENGTH])
{
	FILE *file = fopen("/proc/self/cgroup", "r");
	char line[WORDS_LENGTH];
	int found = 0;

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "0::%511s", path);
	if (!found)
		errx(1, "a process without a cgroup");
	fclose(file);
}

static void put_self(char words[WORDS_LENGTH])
{
	char name[16], cgroup[PATH_LENGTH];

	prctl(PR_GET_NAME, name);
	put_cgroup(cgroup);
	snprintf(words, WORDS_LENGTH, "%d %s %s", getpid(), name, cgroup);
}

/* A line, without its end. */
static void hear(int fd, char *words)
{
	size_t length = 0;

	while (length < WORDS_LENGTH - 1) {
		ssize_t count = read(fd, words + length, WORDS_LENGTH - 1 - length);

		if (count <= 0)
			err(1, "no words");
		length += count;
		if (words[length - 1] == '\n') {
			words[length - 1] = 0;
			return;
		}
	}
	errx(1, "too many words");
}

static void tell(int fd, const char *words)
{
	if (dprintf(fd, "%s\n", words) < 0)
		err(1, "tell");
}

/*
 * With Fast Open there may be data before the handshake is over; what answers it by then has a socket that may not be
 * noted yet. Other sockets are beyond it, or say nothing of it (Multipath TCP).
 */
static void wait_for_handshake(int fd)
{
	struct tcp_info info = {};
	socklen_t size = sizeof(info);

	while (!getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) && info.tcpi_state == TCP_SYN_RECV)
		usleep(100);
}

/* Returns once the caller has ended it. */
static void converse(int fd, char *heard)
{
	char words[WORDS_LENGTH], byte;

	put_self(words);
	hear(fd, heard);
	wait_for_handshake(fd);
	tell(fd, words);
	while (read(fd, &byte, 1) > 0)
		;
}

static int listen_at(const char *port)
{
	struct sockaddr_in6 all = { .sin6_family = AF_INET6, .sin6_port = htons(atoi(port)) };
	int listener = socket(AF_INET6, SOCK_STREAM, 0), one = 1, waiting = 1024;

	if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, &waiting, sizeof(waiting)) ||
	    bind(listener, (struct sockaddr *)&all, sizeof(all)) || listen(listener, waiting))
		err(1, "listen at %s", port);
	return listener;
}

/* One after the other, so that what is printed is in the order in which they came. */
static void serve(const char *port)
{
	char peer[END_LENGTH], own[END_LENGTH], heard[WORDS_LENGTH];
	int listener = listen_at(port), fd;

	for (printf("listening\n"), fflush(stdout); (fd = accept(listener, 0, 0)) >= 0; close(fd)) {
		put_end(fd, peer, getpeername);
		put_end(fd, own, getsockname);
		converse(fd, heard);
		printf("%s %s %s\n", peer, own, heard);
		fflush(stdout);
	}
}

static void serve_forking(const char *port)
{
	char heard[WORDS_LENGTH];
	int listener = listen_at(port), fd;

	signal(SIGCHLD, SIG_IGN);
	for (printf("listening\n"), fflush(stdout); (fd = accept(listener, 0, 0)) >= 0; close(fd)) {
		if (fork())
			continue;
		converse(fd, heard);
		_exit(0);
	}
}

static void bind_to_port(int fd, int family, int port)
{
	struct sockaddr_in6 own6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in own4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	int one = 1, is6 = family == AF_INET6;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, is6 ? (struct sockaddr *)&own6 : (struct sockaddr *)&own4,
		 is6 ? sizeof(own6) : sizeof(own4)))
		err(1, "bind to %d", port);
}

static void connect_to(int fd, const struct service *service, int number)
{
	if (service->first_own_port)
		bind_to_port(fd, service->target.address.ss_family,
			     service->first_own_port + (service->offset + number) % service->own_ports);
	errno = service->manner->connect(fd, &service->target);
	if (errno)
		err(1, "connect to %s %s", service->address, service->port);
}

/* Ends it by an RST: nothing is left of it at either end. */
static void reset(int fd)
{
	struct linger at_once = { .l_onoff = 1 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		err(1, "SO_LINGER");
	close(fd);
}

/* In a process of its own. */
static void converse_once(const struct service *service, int number, int fd)
{
	char self[WORDS_LENGTH], own[END_LENGTH], words[2 * WORDS_LENGTH], heard[WORDS_LENGTH], name[16];

	alarm(DEADLINE_S);
	snprintf(name, sizeof(name), "%s-%d", service->name, number);
	prctl(PR_SET_NAME, name);
	if (fd < 0)
		fd = socket_for(service->manner, &service->target);
	connect_to(fd, service, number);
	put_self(self);
	put_end(fd, own, getsockname);
	snprintf(words, sizeof(words), "%s %s %s %s", self, own, service->address, service->port);
	tell(fd, words);
	hear(fd, heard);
	reset(fd);
	if (dprintf(STDOUT_FILENO, "%s %s %s %s", own, service->address, service->port, heard) < 0)
		err(1, "print");
}

static long microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static void call(const struct service *service, int count)
{
	for (int number = 0; number < count; number++) {
		long began = microseconds();
		int fd = service->manner->is_inherited ? socket_for(service->manner, &service->target) : -1;
		int status;
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (!pid) {
			converse_once(service, number, fd);
			_exit(0);
		}
		if (fd >= 0)
			close(fd);
		if (waitpid(pid, &status, 0) != pid || status)
			errx(1, "%s-%d has ended with %d", service->name, number, status);
		dprintf(STDOUT_FILENO, " %ld\n", microseconds() - began);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (!strcmp(what, "serve") && argc == 3) {
		serve(argv[2]);
		return 1;
	}
	if (!strcmp(what, "serve") && argc == 4 && !strcmp(argv[3], "forking")) {
		serve_forking(argv[2]);
		return 1;
	}
	if (!strcmp(what, "call") && (argc == 7 || argc == 10)) {
		struct service service = { argv[2], argv[3], argv[5], manner_of(argv[6]), .own_ports = 1 };

		service.target = target_of(service.manner, argv[2], argv[3]);
		if (argc == 10) {
			service.first_own_port = atoi(argv[7]);
			service.own_ports = atoi(argv[8]);
			service.offset = atoi(argv[9]);
		}
		call(&service, atoi(argv[4]));
		return 0;
	}
	errx(2, "tellers serve | call ...: see tellers.c");
}
