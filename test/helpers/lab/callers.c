/* SPDX-License-Identifier: MIT */
/*
 * Connections whose two ends tell what each knows of them: who called, and as whom it was seen.
 *   callers answer <address> <port>
 *       says that it listens, then for each line of a caller's: <peer's address> <its port> <the line>
 *   callers call <address> <port> <own address> <first own port> <count>
 *       one connection after the other, from one port after the other; each tells its own address and
 *       port, gets an answer, closes
 *   callers vanish <address> <port> <own address> <own port>
 *       the same once, but both ends forget it, and no packet says so
 *   callers move <address> <port> <own address> <own port> <pid> <address there> <FIN or RST>
 *       the same once; then waits for the end of its input, and goes on with the connection from that process's
 *       network namespace, as a virtual machine does that is moved: tells its new address, and ends it so
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define END_LENGTH 64
#define LINE_LENGTH 128
#define VANISH "vanish\n"
#define OPTION_MSS 2
#define OPTION_WINDOW 3
#define OPTION_TIMESTAMP 8

/* What a connection goes on with elsewhere. */
struct moved {
	unsigned int sequence[3]; /* by TCP_RECV_QUEUE, TCP_SEND_QUEUE */
	unsigned int timestamp;
	struct tcp_repair_window window;
	struct tcp_info info;
};

static void set(int fd, int option, const void *value, socklen_t size)
{
	if (setsockopt(fd, IPPROTO_TCP, option, value, size))
		err(1, "setsockopt %d", option);
}

static void set_number(int fd, int option, int value)
{
	set(fd, option, &value, sizeof(value));
}

static void get(int fd, int option, void *value, socklen_t size)
{
	if (getsockopt(fd, IPPROTO_TCP, option, value, &size))
		err(1, "getsockopt %d", option);
}

static struct addrinfo *address_of(const char *address, int port)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	char service[8];

	snprintf(service, sizeof(service), "%d", port);
	if (getaddrinfo(address, service, &hints, &found))
		errx(2, "no address: %s", address);
	return found;
}

/* A socket with that end for its own. */
static int bound_socket(const char *address, int port)
{
	struct addrinfo *own = address_of(address, port);
	int fd = socket(own->ai_family, SOCK_STREAM, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		err(1, "socket");
	return fd;
}

static void bind_to(int fd, const char *address, int port)
{
	struct addrinfo *own = address_of(address, port);

	if (bind(fd, own->ai_addr, own->ai_addrlen))
		err(1, "bind to %s %d", address, port);
	freeaddrinfo(own);
}

static void connect_to(int fd, const char *address, int port)
{
	struct addrinfo *to = address_of(address, port);

	if (connect(fd, to->ai_addr, to->ai_addrlen))
		err(1, "connect to %s %d", address, port);
	freeaddrinfo(to);
}

/* "10.78.0.1 40000", by getsockname() or getpeername(). */
static void put_end(int fd, char *text, int (*name)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_storage end;
	socklen_t size = sizeof(end);
	char address[INET6_ADDRSTRLEN], port[8];

	if (name(fd, (struct sockaddr *)&end, &size) ||
	    getnameinfo((struct sockaddr *)&end, size, address, sizeof(address), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		errx(1, "a socket without a name");
	snprintf(text, END_LENGTH, "%s %s", address, port);
}

/* From now on nothing is sent that was not asked for; closed like this, nobody hears of it. */
static void freeze(int fd)
{
	set_number(fd, TCP_REPAIR, TCP_REPAIR_ON);
}

static void answer_one(int fd)
{
	char peer[END_LENGTH], line[LINE_LENGTH];
	FILE *stream = fdopen(fd, "r+");

	put_end(fd, peer, getpeername);
	while (fgets(line, sizeof(line), stream)) {
		if (!strcmp(line, VANISH)) {
			set_number(fd, TCP_QUICKACK, 1);
			freeze(fd);
			close(fd);
		}
		printf("%s %s", peer, line);
		fflush(stdout);
		if (!strcmp(line, VANISH) || write(fd, "seen\n", 5) != 5)
			break;
	}
	_exit(0);
}

static void answer(const char *address, int port)
{
	int listener = bound_socket(address, port), fd;

	signal(SIGCHLD, SIG_IGN);
	bind_to(listener, address, port);
	if (listen(listener, 64))
		err(1, "listen");
	printf("listening\n");
	fflush(stdout);
	while ((fd = accept(listener, 0, 0)) >= 0) {
		if (!fork())
			answer_one(fd);
		close(fd);
	}
}

static void tell_own_end(int fd)
{
	char own[END_LENGTH], answered[5];

	put_end(fd, own, getsockname);
	if (dprintf(fd, "%s\n", own) < 0 || recv(fd, answered, 5, MSG_WAITALL) != 5)
		err(1, "no answer");
}

static int call(const char *address, int port, const char *own, int own_port)
{
	int fd = bound_socket(own, own_port);

	bind_to(fd, own, own_port);
	connect_to(fd, address, port);
	tell_own_end(fd);
	return fd;
}

static void vanish(int fd)
{
	int unacknowledged;

	if (dprintf(fd, VANISH) < 0)
		err(1, "vanish");
	while (!ioctl(fd, SIOCOUTQ, &unacknowledged) && unacknowledged)
		usleep(1000);
	freeze(fd);
}

static struct moved take(int fd)
{
	struct moved moved;

	freeze(fd);
	for (int queue = TCP_RECV_QUEUE; queue <= TCP_SEND_QUEUE; queue++) {
		set_number(fd, TCP_REPAIR_QUEUE, queue);
		get(fd, TCP_QUEUE_SEQ, &moved.sequence[queue], sizeof(moved.sequence[queue]));
	}
	get(fd, TCP_TIMESTAMP, &moved.timestamp, sizeof(moved.timestamp));
	get(fd, TCP_REPAIR_WINDOW, &moved.window, sizeof(moved.window));
	get(fd, TCP_INFO, &moved.info, sizeof(moved.info));
	close(fd);
	return moved;
}

static void enter(const char *pid)
{
	char path[64];
	int namespace;

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	namespace = open(path, O_RDONLY);
	if (namespace < 0 || setns(namespace, CLONE_NEWNET))
		err(1, "%s", path);
	close(namespace);
}

static int put(const struct moved *moved, const char *address, int port, const char *own,
	       int own_port)
{
	const struct tcp_info *info = &moved->info;
	struct tcp_repair_opt options[] = {
		{ OPTION_MSS, info->tcpi_snd_mss },
		{ OPTION_WINDOW, info->tcpi_snd_wscale | info->tcpi_rcv_wscale << 16 },
		{ OPTION_TIMESTAMP, 0 },
	};
	int fd = bound_socket(own, own_port);

	freeze(fd);
	bind_to(fd, own, own_port);
	for (int queue = TCP_RECV_QUEUE; queue <= TCP_SEND_QUEUE; queue++) {
		set_number(fd, TCP_REPAIR_QUEUE, queue);
		set(fd, TCP_QUEUE_SEQ, &moved->sequence[queue], sizeof(moved->sequence[queue]));
	}
	connect_to(fd, address, port);
	set(fd, TCP_REPAIR_OPTIONS, options, sizeof(options));
	set_number(fd, TCP_TIMESTAMP, moved->timestamp);
	set(fd, TCP_REPAIR_WINDOW, &moved->window, sizeof(moved->window));
	set_number(fd, TCP_REPAIR, TCP_REPAIR_OFF_NO_WP);
	return fd;
}

/* The RST of close() itself. */
static void abort_connection(int fd)
{
	struct linger at_once = { .l_onoff = 1 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		err(1, "SO_LINGER");
}

static void move(int fd, char **args)
{
	struct moved moved;
	char byte;

	while (read(0, &byte, 1) > 0)
		;
	moved = take(fd);
	enter(args[4]);
	fd = put(&moved, args[0], atoi(args[1]), args[5], atoi(args[3]));
	/* The answer is to be acknowledged by what ends the connection, not before. */
	set_number(fd, TCP_QUICKACK, 0);
	tell_own_end(fd);
	if (!strcmp(args[6], "RST"))
		abort_connection(fd);
	close(fd);
}

int main(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[1] : "";
	int port = argc > 3 ? atoi(argv[3]) : 0, own_port = argc > 5 ? atoi(argv[5]) : 0;

	if (!strcmp(what, "answer") && argc == 4) {
		answer(argv[2], port);
		return 1;
	}
	if (!strcmp(what, "call") && argc == 7) {
		for (int number = 0; number < atoi(argv[6]); number++)
			close(call(argv[2], port, argv[4], own_port + number));
		return 0;
	}
	if (!strcmp(what, "vanish") && argc == 6) {
		vanish(call(argv[2], port, argv[4], own_port));
		return 0;
	}
	if (!strcmp(what, "move") && argc == 9) {
		move(call(argv[2], port, argv[4], own_port), argv + 2);
		return 0;
	}
	errx(2, "callers answer | call | vanish | move ...: see callers.c");
}
