// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "steered.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(1);
}

struct sockaddr_in6 address_of(const char *text, uint16_t port)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(text, ':') ? "" : "::ffff:", text);
	if (inet_pton(AF_INET6, mapped, &address.sin6_addr) != 1)
		errno = EINVAL, fail(text);
	return address;
}

bool obey(uint64_t *rate)
{
	static char line[256];
	static size_t used;
	ssize_t length = read(STDIN_FILENO, line + used, sizeof(line) - 1 - used);
	char *end;

	if (length <= 0)
		return length < 0 && errno == EINTR;
	used += length;
	line[used] = '\0';
	while ((end = memchr(line, '\n', used))) {
		*end++ = '\0';
		if (!strcmp(line, "stats"))
			print_stats();
		else if (!strncmp(line, "rate ", 5))
			*rate = strtoull(line + 5, NULL, 10);
		used -= end - line;
		memmove(line, end, used + 1);
	}
	return used < sizeof(line) - 1;
}
