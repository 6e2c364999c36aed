/* SPDX-License-Identifier: MIT */
/*
 * relay <tapA> <tapB> <delay_us> [capture]
 *
 * A delay line: makes two TAP devices and carries every frame from one to the other, each frame
 * held for the delay. Prints "ready" once the devices exist. Lines on stdin, while it runs:
 *
 *   delay <us>   the delay of the frames read from now on
 *   faults <lost> <early>   of a thousand frames read from now on
 *   stats        print what was really added so far, as one JSON line; the capture is complete so far
 *
 * The capture is of A's side: frames from A as of when they had been read, and frames to A as of when
 * they were about to be written. So no RTT that is seen beyond A can be less than what it shows, and
 * it shows none of less than twice the delay.
 *
 * EOF on stdin, SIGTERM or SIGINT end it, with a last JSON line. The devices vanish with it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "faults.h"

#define NSEC_PER_USEC 1000ULL
#define NSEC_PER_SEC 1000000000ULL
#define SPIN_NS (200 * NSEC_PER_USEC) /* a timer alone wakes this much too late on a VM */
#define MAX_DELAY_US 10000000UL
#define MAX_FRAME 2032
#define QUEUE_FRAMES 16384 /* 1 Gbit/s of full frames for 190 ms; a power of two */
#define BATCH 32           /* frames per turn, so that neither direction starves the other */
#define LATE_BUCKETS 32768 /* of 1 us; the last one holds everything later */

struct frame {
	uint64_t due;
	uint32_t length;
	unsigned char bytes[MAX_FRAME];
};

struct direction {
	const char *name;
	int from, to;
	uint32_t head, tail; /* free-running; head == tail: empty */
	uint64_t last_due;
	uint64_t frames;        /* delivered */
	uint64_t dropped;       /* queue full, or larger than a slot */
	uint64_t undeliverable; /* the other device was not up */
	uint64_t lost, early;   /* as asked for (faults.h) */
	uint64_t late_max_us;
	uint32_t late[LATE_BUCKETS];
	struct frame queue[QUEUE_FRAMES];
};

enum { TAP_A, TAP_B, STDIN, SIGNALS, INPUTS };

static struct direction a_to_b = {.name = "a_to_b"}, b_to_a = {.name = "b_to_a"};
static uint64_t delay_us;

static void fail(const char *what)
{
	fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static bool parse_delay(const char *text, uint64_t *us)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value > MAX_DELAY_US)
		return false;
	*us = value;
	return true;
}

static int open_tap(const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		fail("/dev/net/tun");
	if (strlen(name) >= IFNAMSIZ)
		errno = ENAMETOOLONG, fail(name);
	strcpy(request.ifr_name, name);
	if (ioctl(fd, TUNSETIFF, &request) < 0)
		fail(name);
	return fd;
}

static int open_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		fail("signalfd");
	return fd;
}

/* Deadlines never go back: after the delay shrinks, frames still keep their order. */
static void enqueue(struct direction *way, struct frame *frame, uint32_t length, uint64_t now)
{
	uint64_t due = now + delay_us * NSEC_PER_USEC;

	if (due < way->last_due)
		due = way->last_due;
	way->last_due = due;
	frame->due = due;
	frame->length = length;
	way->head++;
}

/* Lets the frame that was queued last change places with one before it; each leaves when that place is due. */
static void overtake(struct direction *way, uint32_t places)
{
	static struct frame kept;
	struct frame *late = &way->queue[(way->head - 1) % QUEUE_FRAMES];
	struct frame *early = &way->queue[(way->head - 1 - places) % QUEUE_FRAMES];
	uint64_t due = late->due;

	if (!places || places >= way->head - way->tail)
		return;
	kept = *late;
	kept.due = early->due;
	*late = *early;
	late->due = due;
	*early = kept;
	way->early++;
}

static void accept_frame(struct direction *way, struct frame *frame, uint32_t length)
{
	uint64_t now = now_ns();

	if (way == &a_to_b)
		capture_frame(now, frame->bytes, length);
	if (is_to_be_lost()) {
		way->lost++;
		return;
	}
	enqueue(way, frame, length, now);
	overtake(way, places_early());
}

static void receive(struct direction *way)
{
	static struct frame discarded;

	for (int i = 0; i < BATCH; i++) {
		bool full = way->head - way->tail == QUEUE_FRAMES;
		struct frame *frame =
			full ? &discarded : &way->queue[way->head % QUEUE_FRAMES];
		ssize_t length = read(way->from, frame->bytes, MAX_FRAME);

		if (length < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (length < 0)
			fail("read");
		/* A frame that fills the slot may have been cut. */
		if (full || length == MAX_FRAME)
			way->dropped++;
		else
			accept_frame(way, frame, length);
	}
}

static void count_late(struct direction *way, uint64_t us)
{
	way->late[us < LATE_BUCKETS ? us : LATE_BUCKETS - 1]++;
	if (us > way->late_max_us)
		way->late_max_us = us;
}

static void send_due(struct direction *way)
{
	for (int i = 0; i < BATCH && way->head != way->tail; i++) {
		struct frame *frame = &way->queue[way->tail % QUEUE_FRAMES];
		uint64_t now = now_ns();

		if (now < frame->due)
			return;
		if (write(way->to, frame->bytes, frame->length) == (ssize_t)frame->length) {
			way->frames++;
			count_late(way, (now - frame->due) / NSEC_PER_USEC);
			if (way == &b_to_a)
				capture_frame(now, frame->bytes, frame->length);
		} else {
			way->undeliverable++;
		}
		way->tail++;
	}
}

/* Nothing to send: wait for ever. Soon something to send: 0, which is the spin. */
static const struct timespec *time_to_wait(struct timespec *wait)
{
	uint64_t due = UINT64_MAX, now;

	if (a_to_b.head != a_to_b.tail)
		due = a_to_b.queue[a_to_b.tail % QUEUE_FRAMES].due;
	if (b_to_a.head != b_to_a.tail && b_to_a.queue[b_to_a.tail % QUEUE_FRAMES].due < due)
		due = b_to_a.queue[b_to_a.tail % QUEUE_FRAMES].due;
	if (due == UINT64_MAX)
		return NULL;
	now = now_ns();
	due = due > now + SPIN_NS ? due - SPIN_NS - now : 0;
	wait->tv_sec = due / NSEC_PER_SEC;
	wait->tv_nsec = due % NSEC_PER_SEC;
	return wait;
}

static uint64_t late_percentile(const struct direction *way, unsigned int percent)
{
	uint64_t wanted = (way->frames * percent + 99) / 100, seen = 0;

	for (uint64_t us = 0; us < LATE_BUCKETS - 1; us++) {
		seen += way->late[us];
		if (seen >= wanted)
			return us;
	}
	return way->late_max_us;
}

static void print_direction(const struct direction *way)
{
	printf(",\"%s\":{\"frames\":%llu,\"dropped\":%llu,\"undeliverable\":%llu,\"lost\":%llu,\"early\":%llu,"
	       "\"late_us\":{\"p50\":%llu,\"p99\":%llu,\"max\":%llu}}",
	       way->name, (unsigned long long)way->frames, (unsigned long long)way->dropped,
	       (unsigned long long)way->undeliverable,
	       (unsigned long long)way->lost, (unsigned long long)way->early,
	       (unsigned long long)late_percentile(way, 50),
	       (unsigned long long)late_percentile(way, 99),
	       (unsigned long long)way->late_max_us);
}

static void print_stats(void)
{
	if (flush_capture())
		fail("capture");
	printf("{\"delay_us\":%llu", (unsigned long long)delay_us);
	print_direction(&a_to_b);
	print_direction(&b_to_a);
	printf("}\n");
	fflush(stdout);
}

static void obey(const char *line)
{
	if (!strcmp(line, "stats"))
		print_stats();
	else if (sscanf(line, "faults %u %u", &lost_of_1000, &early_of_1000) == 2)
		return;
	else if (strncmp(line, "delay ", 6) || !parse_delay(line + 6, &delay_us))
		fprintf(stderr, "relay: not understood: %s\n", line);
}

/* False at the end of stdin. */
static bool read_commands(void)
{
	static char line[128];
	static size_t used;
	ssize_t length = read(STDIN_FILENO, line + used, sizeof(line) - 1 - used);
	char *end;

	if (length <= 0)
		return length < 0 && (errno == EAGAIN || errno == EINTR);
	used += length;
	line[used] = '\0';
	while ((end = memchr(line, '\n', used))) {
		*end++ = '\0';
		obey(line);
		used -= end - line;
		memmove(line, end, used + 1);
	}
	return used < sizeof(line) - 1; /* no command is this long */
}

/* False when it is time to end. */
static bool turn(struct pollfd inputs[INPUTS])
{
	struct timespec wait;

	if (ppoll(inputs, INPUTS, time_to_wait(&wait), NULL) < 0) {
		if (errno != EINTR)
			fail("ppoll");
		return true;
	}
	if ((inputs[TAP_A].revents | inputs[TAP_B].revents) & POLLERR)
		return false; /* a device is gone, perhaps with its namespace */
	if (inputs[TAP_A].revents)
		receive(&a_to_b);
	if (inputs[TAP_B].revents)
		receive(&b_to_a);
	send_due(&a_to_b);
	send_due(&b_to_a);
	return !inputs[SIGNALS].revents && (!inputs[STDIN].revents || read_commands());
}

int main(int argc, char **argv)
{
	struct pollfd inputs[INPUTS] = {[STDIN] = {.fd = STDIN_FILENO}};

	if (argc < 4 || argc > 5 || !parse_delay(argv[3], &delay_us)) {
		fprintf(stderr, "usage: relay <tapA> <tapB> <delay_us> [capture]\n");
		return 2;
	}
	if (argc == 5 && open_capture(argv[4]))
		fail(argv[4]);
	a_to_b.from = b_to_a.to = inputs[TAP_A].fd = open_tap(argv[1]);
	b_to_a.from = a_to_b.to = inputs[TAP_B].fd = open_tap(argv[2]);
	inputs[SIGNALS].fd = open_signals();
	for (int i = 0; i < INPUTS; i++)
		inputs[i].events = POLLIN;

	prctl(PR_SET_TIMERSLACK, 1UL);
	setpriority(PRIO_PROCESS, 0, -20); /* what waits for us is time; failing is harmless */
	puts("ready");
	fflush(stdout);
	while (turn(inputs))
		;
	print_stats();
	return 0;
}
