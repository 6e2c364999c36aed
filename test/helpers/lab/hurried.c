/*
 * Processes that live for a moment, and what each of them connected from.
 *   hurried serve <address>                    prints its port; answers what comes, with the same
 *   hurried connect <address> <port> <count> <name>
 *       one process after the other, called <name>-<number>, each with one exchange; for each it
 *       prints: <its port> <its pid> <how long it lived, in us>
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in address_of(const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		errx(2, "no IPv4 address: %s", address);
	return to;
}

static unsigned int own_port(int fd)
{
	struct sockaddr_in own;
	socklen_t size = sizeof(own);

	if (getsockname(fd, (struct sockaddr *)&own, &size))
		err(1, "getsockname");
	return ntohs(own.sin_port);
}

static void serve(const char *address)
{
	struct sockaddr_in own = address_of(address, "0");
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
	char byte;

	if (bind(listener, (struct sockaddr *)&own, sizeof(own)) || listen(listener, 64))
		err(1, "listen");
	printf("%u\n", own_port(listener));
	fflush(stdout);
	while ((fd = accept(listener, 0, 0)) >= 0) {
		while (read(fd, &byte, 1) == 1 && write(fd, &byte, 1) == 1)
			;
		close(fd);
	}
}

/* In a process of its own: the port, before it goes. */
static unsigned int exchange(const char *address, const char *port, const char *name)
{
	struct sockaddr_in to = address_of(address, port);
	unsigned int own;
	int fd;
	char byte = 'x';

	prctl(PR_SET_NAME, name);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "connect");
	own = own_port(fd);
	if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1)
		err(1, "exchange");
	return own;
}

static long microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static void hurry(const char *address, const char *port, int number, const char *name)
{
	long began = microseconds();
	unsigned int own = 0;
	char full[16];
	int ends[2], status;
	pid_t pid;

	snprintf(full, sizeof(full), "%s-%d", name, number);
	if (pipe(ends) || (pid = fork()) < 0)
		err(1, "fork");
	if (!pid) {
		own = exchange(address, port, full);
		_exit(write(ends[1], &own, sizeof(own)) != sizeof(own));
	}
	close(ends[1]);
	if (read(ends[0], &own, sizeof(own)) != sizeof(own))
		errx(1, "%s has failed", full);
	if (waitpid(pid, &status, 0) != pid || status)
		errx(1, "%s has ended with %d", full, status);
	close(ends[0]);
	printf("%u %d %ld\n", own, pid, microseconds() - began);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "serve")) {
		serve(argv[2]);
		return 1;
	}
	if (argc != 6 || strcmp(argv[1], "connect"))
		errx(2, "hurried serve <address>, or connect <address> <port> <count> <name>");
	for (int number = 0; number < atoi(argv[4]); number++)
		hurry(argv[2], argv[3], number, argv[5]);
	return 0;
}
