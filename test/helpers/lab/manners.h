/* SPDX-License-Identifier: MIT */
/* The ways in which a process may connect a socket. */
#ifndef PPING_TEST_MANNERS_H
#define PPING_TEST_MANNERS_H

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "uring.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define CLOSED_PORT 1

/* Where to: a socket's family is that of the address. */
struct target {
	struct sockaddr_storage address;
	socklen_t size;
};

struct connecting {
	int fd;
	const struct target *to;
	int error;
};

static int try_to_connect(int fd, const struct target *to)
{
	return connect(fd, (const struct sockaddr *)&to->address, to->size) ? errno : 0;
}

static int connect_without_waiting(int fd, const struct target *to)
{
	struct pollfd connected = { .fd = fd, .events = POLLOUT };
	int flags = fcntl(fd, F_GETFL), error = 0;
	socklen_t size = sizeof(error);

	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	if (try_to_connect(fd, to) != EINPROGRESS || poll(&connected, 1, -1) != 1 ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		return errno;
	fcntl(fd, F_SETFL, flags);
	return error;
}

static void *connect_in_thread(void *argument)
{
	struct connecting *connecting = argument;

	prctl(PR_SET_NAME, "a-thread");
	connecting->error = try_to_connect(connecting->fd, connecting->to);
	return 0;
}

/* By a thread that has a name of its own. */
static int connect_by_thread(int fd, const struct target *to)
{
	struct connecting connecting = { .fd = fd, .to = to };
	pthread_t thread;

	if (pthread_create(&thread, 0, connect_in_thread, &connecting) || pthread_join(thread, 0))
		return errno;
	return connecting.error;
}

/* The same socket, once nobody has listened where it was for. */
static int connect_again(int fd, const struct target *to)
{
	struct target closed = *to;

	((struct sockaddr_in *)&closed.address)->sin_port = htons(CLOSED_PORT); /* IPv6 has it there, too */
	if (try_to_connect(fd, &closed) != ECONNREFUSED)
		return EISCONN;
	return try_to_connect(fd, to);
}

/* Once the server's cookie is known, with the first data, which go with the SYN. */
static int connect_with_data(int fd, const struct target *to)
{
	int one = 1;

	return setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one)) ? errno :
										      try_to_connect(fd, to);
}

static int connect_by_worker(int fd, const struct target *to)
{
	return connect_by_uring(fd, (const struct sockaddr *)&to->address, to->size);
}

static struct target mapped(const struct target *to)
{
	const struct sockaddr_in *plain = (const struct sockaddr_in *)&to->address;
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = plain->sin_port };
	struct target target = { .size = sizeof(address) };

	if (to->address.ss_family != AF_INET)
		return *to;
	address.sin6_addr.s6_addr[10] = address.sin6_addr.s6_addr[11] = 0xff;
	memcpy(address.sin6_addr.s6_addr + 12, &plain->sin_addr, 4);
	memcpy(&target.address, &address, sizeof(address));
	return target;
}

static const struct manner {
	const char *name;
	int (*connect)(int fd, const struct target *to); /* 0, or an errno */
	int protocol;
	int is_mapped;    /* IPv4 addresses within IPv6 */
	int is_inherited; /* the parent makes the socket */
} MANNERS[] = {
	{ .name = "plain", .connect = try_to_connect },
	{ .name = "nowait", .connect = connect_without_waiting },
	{ .name = "thread", .connect = connect_by_thread },
	{ .name = "worker", .connect = connect_by_worker },
	{ .name = "again", .connect = connect_again },
	{ .name = "fast", .connect = connect_with_data },
	{ .name = "mptcp", .connect = try_to_connect, .protocol = IPPROTO_MPTCP },
	{ .name = "mapped", .connect = try_to_connect, .is_mapped = 1 },
	{ .name = "parent", .connect = try_to_connect, .is_inherited = 1 },
};

static const struct manner *manner_of(const char *name)
{
	for (size_t at = 0; at < sizeof(MANNERS) / sizeof(*MANNERS); at++)
		if (!strcmp(MANNERS[at].name, name))
			return &MANNERS[at];
	errx(2, "no manner: %s", name);
}

static struct target target_of(const struct manner *manner, const char *address, const char *port)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, *found;
	struct target target = {};

	if (getaddrinfo(address, port, &hints, &found))
		errx(2, "no address: %s", address);
	memcpy(&target.address, found->ai_addr, found->ai_addrlen);
	target.size = found->ai_addrlen;
	freeaddrinfo(found);
	return manner->is_mapped ? mapped(&target) : target;
}

static int socket_for(const struct manner *manner, const struct target *to)
{
	int fd = socket(to->address.ss_family, SOCK_STREAM, manner->protocol);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

#endif
