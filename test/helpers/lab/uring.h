/* SPDX-License-Identifier: MIT */
/* connect() by io_uring, whose workers are the process's threads, and run another name. */
#ifndef PPING_TEST_URING_H
#define PPING_TEST_URING_H

#include <err.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct uring {
	int fd;
	char *submissions;
	char *completions;
	struct io_uring_sqe *entry;
	struct io_uring_params params;
};

static void *map_ring(const struct uring *ring, size_t size, off_t offset)
{
	void *mapped = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, offset);

	if (mapped == MAP_FAILED)
		err(1, "mmap of io_uring");
	return mapped;
}

/* Of one entry. */
static struct uring make_uring(void)
{
	struct uring ring = {};
	const struct io_uring_params *params = &ring.params;

	ring.fd = syscall(SYS_io_uring_setup, 1, &ring.params);
	if (ring.fd < 0)
		err(1, "io_uring_setup");
	ring.submissions = map_ring(&ring, params->sq_off.array + params->sq_entries * sizeof(__u32),
				    IORING_OFF_SQ_RING);
	ring.completions = map_ring(
		&ring, params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe),
		IORING_OFF_CQ_RING);
	ring.entry = map_ring(&ring, params->sq_entries * sizeof(*ring.entry), IORING_OFF_SQES);
	return ring;
}

/* By a worker. Returns 0, or an errno. */
static int connect_by_uring(int fd, const struct sockaddr *to, socklen_t size)
{
	struct uring ring = make_uring();
	const struct io_uring_cqe *completion = (void *)(ring.completions + ring.params.cq_off.cqes);
	__u32 *tail = (void *)(ring.submissions + ring.params.sq_off.tail);

	memset(ring.entry, 0, sizeof(*ring.entry));
	ring.entry->opcode = IORING_OP_CONNECT;
	ring.entry->flags = IOSQE_ASYNC;
	ring.entry->fd = fd;
	ring.entry->addr = (__u64)to;
	ring.entry->off = size;
	*(__u32 *)(ring.submissions + ring.params.sq_off.array) = 0;
	__atomic_store_n(tail, 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) != 1)
		err(1, "io_uring_enter");
	return -completion->res;
}

#endif
