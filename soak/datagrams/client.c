/* SPDX-License-Identifier: MIT */
/* Begins what is to be begun, and gives each what is its. */
#define _GNU_SOURCE
#include "talks.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_ADDRESSES 4
/* Tags below are those of talks. */
#define ECHO_TAG (uint64_t)TALKS
#define QUERY_TAG (ECHO_TAG + 2)

struct talk talks[TALKS];
struct done done[KINDS];
unsigned int talks_now;

static const char *const names[KINDS] = {"icmp", "dns", "quic"};
/* Of 100. */
static const unsigned int shares[KINDS] = {40, 57, 3};
static const char *addresses[MAX_ADDRESSES];
static unsigned int address_count, highest;
static uint64_t skipped;

struct talk *new_talk(enum kind kind, const struct sockaddr_in6 *to)
{
	static unsigned int next;

	for (unsigned int tried = 0; tried < TALKS; tried++) {
		struct talk *talk = &talks[next++ % TALKS];

		if (talk->used)
			continue;
		*talk = (struct talk){.used = true, .kind = kind, .to = *to, .fd = -1};
		if (talk - talks >= highest)
			highest = talk - talks + 1;
		talks_now++;
		return talk;
	}
	skipped++;
	return 0;
}

void end_talk(struct talk *talk)
{
	if (talk->fd >= 0)
		close(talk->fd);
	talk->used = false;
	talks_now--;
}

uint64_t tag_of(const struct talk *talk)
{
	return talk - talks;
}

void note_answer(enum kind kind, uint64_t since)
{
	uint64_t took = now_ns() - since;

	done[kind].answered++;
	if (took > done[kind].longest)
		done[kind].longest = took;
}

void client_event(uint64_t tag)
{
	if (tag >= QUERY_TAG)
		query_event(tag - QUERY_TAG, 0);
	else if (tag >= ECHO_TAG)
		echo_event(tag - ECHO_TAG);
	else if (talks[tag].used && talks[tag].kind == QUERY)
		query_event(OWN_SOCKET, &talks[tag]);
	else if (talks[tag].used)
		quic_event(&talks[tag]);
}

void client_due(uint64_t now)
{
	static void (*const due[KINDS])(struct talk *, uint64_t) = {echo_due, query_due, quic_due};

	for (unsigned int at = 0; at < highest; at++)
		if (talks[at].used && talks[at].due <= now)
			due[talks[at].kind](&talks[at], now);
}

static enum kind random_kind(void)
{
	uint32_t ticket = below(100);
	int kind = 0;

	while (ticket >= shares[kind])
		ticket -= shares[kind++];
	return kind;
}

static void begin_one(uint64_t now)
{
	const char *address = addresses[below(address_count)];
	struct sockaddr_in6 to;

	switch (random_kind()) {
	case ECHO:
		to = address_of(address, 0);
		return begin_echo(&to, now);
	case QUERY:
		to = address_of(address, DNS_PORT);
		return begin_query(&to, now);
	default:
		to = address_of(address, below(3) ? SPIN_PORT : NO_SPIN_PORT);
		return begin_quic(&to, now);
	}
}

/* Those of the time that has passed; none is caught up on after a stop. */
void begin_due(uint64_t rate, uint64_t now)
{
	static uint64_t last, parts;
	const uint64_t most = 100 * NS_PER_MS;

	parts += (now - last > most ? most : now - last) * rate;
	last = now;
	for (; parts >= 1000 * NS_PER_MS; parts -= 1000 * NS_PER_MS)
		begin_one(now);
}

void print_stats(void)
{
	printf("{\"under_way\":%u,\"skipped\":%llu,\"kinds\":{", talks_now, (unsigned long long)skipped);
	for (int kind = 0; kind < KINDS; kind++) {
		const struct done *of = &done[kind];

		printf("%s\"%s\":{\"asked\":%llu,\"answered\":%llu,\"again\":%llu,\"given_up\":%llu,\"longest\":%llu}",
		       kind ? "," : "", names[kind], (unsigned long long)of->asked,
		       (unsigned long long)of->answered, (unsigned long long)of->again,
		       (unsigned long long)of->given_up, (unsigned long long)of->longest);
	}
	printf("}}\n");
	fflush(stdout);
}

void start_client(int argc, char **argv)
{
	seed_random(strtoul(argv[2], NULL, 10));
	for (int i = 3; i < argc && address_count < MAX_ADDRESSES; i++)
		addresses[address_count++] = argv[i];
	start_echo();
	start_queries();
}
