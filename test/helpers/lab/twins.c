/* SPDX-License-Identifier: MIT */
/*
 * Two processes that connect at the same moment, again and again, each from the same ports:
 *
 *   twins <file that both map> <0 or 1> <IPv4 address> <port> <first own port> <count>
 *
 * In two network namespaces with the same address their SYNs have the same sequence number, now and then: the kernel
 * makes it of both ends and of a clock that counts each 64 ns (secure_tcp_seq()). Ends with the count.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE_S 60
/* From when both are there until they connect: each has seen it by then. */
#define AHEAD_NS 5000

struct meeting {
	atomic_long arrived[2]; /* rounds */
	atomic_long moment[2];  /* of CLOCK_MONOTONIC, in ns, in turns */
};

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000L + time.tv_nsec;
}

static struct meeting *map_meeting(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	struct meeting *meeting;

	if (fd < 0 || ftruncate(fd, sizeof(*meeting)))
		err(1, "%s", path);
	meeting = mmap(0, sizeof(*meeting), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (meeting == MAP_FAILED)
		err(1, "mmap");
	close(fd);
	return meeting;
}

/* Returns at the same moment in both. */
static void meet(struct meeting *meeting, int self, long round)
{
	atomic_long *moment = &meeting->moment[round & 1];

	meeting->arrived[self] = round;
	while (meeting->arrived[!self] < round)
		sched_yield();
	if (!self) {
		meeting->moment[!(round & 1)] = 0;
		*moment = now() + AHEAD_NS;
	}
	while (!*moment)
		sched_yield();
	while (now() < *moment)
		;
}

static int bound_to(int port)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct linger at_once = { .l_onoff = 1 };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	/* Nothing is left of it once it is closed. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) ||
	    bind(fd, (struct sockaddr *)&own, sizeof(own)))
		err(1, "bind to %d", port);
	return fd;
}

/* Both have to run at once, also on a busy machine, where they hardly ever would. Failing is harmless. */
static void go_first(void)
{
	struct sched_param least = { .sched_priority = 1 };

	if (sched_setscheduler(0, SCHED_FIFO, &least))
		setpriority(PRIO_PROCESS, 0, -20);
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct meeting *meeting;

	if (argc != 7 || inet_pton(AF_INET, argv[3], &to.sin_addr) != 1)
		errx(2, "twins <file> <0 or 1> <IPv4 address> <port> <first own port> <count>");
	alarm(DEADLINE_S);
	to.sin_port = htons(atoi(argv[4]));
	meeting = map_meeting(argv[1]);
	for (long round = 0, count = atol(argv[6]); round < count; round++) {
		int fd = bound_to(atoi(argv[5]) + round);

		meet(meeting, atoi(argv[2]) & 1, round + 1);
		/* Not before: who is there would keep the other from coming. */
		if (round == 0)
			go_first();
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
			err(1, "connect to %s %s", argv[3], argv[4]);
		close(fd);
	}
}
