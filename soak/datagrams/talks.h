/* SPDX-License-Identifier: MIT */
/* What the client has under way: each is a program of pings, a query, or connections of QUIC on the same ports. */
#ifndef TALKS_H
#define TALKS_H

#include "datagrams.h"

#define TALKS 16384
/* No answer comes later than this, and none that comes later is told (soak/run.ts, GREATEST_RTT_NS). */
#define PATIENCE_NS (12000 * NS_PER_MS)

enum kind { ECHO, QUERY, QUIC, KINDS };

struct talk {
	bool used;
	enum kind kind;
	struct sockaddr_in6 to;
	uint64_t due;   /* when client_due() has something to do for it */
	uint64_t asked; /* ECHO: the last request; QUERY: the first; QUIC: what began the turn */
	uint64_t until; /* patience ends */
	int fd;
	uint16_t id; /* of pings, or of a query */
	uint16_t left; /* requests, or turns */
	struct {
		uint16_t sequence;
		uint64_t at[16]; /* by the last bits of the sequence number; 0: none waits */
	} echo;
	uint8_t socket; /* QUERY: of those that several share; or OWN_SOCKET */
	struct {
		struct ids ids; /* as in what the client sends */
		bool is_shaken, is_spinning, is_random, spin;
		uint8_t connections; /* left on these ports */
	} quic;
};

/* Since the start, of a kind. */
struct done {
	uint64_t asked;    /* requests, queries, turns of QUIC */
	uint64_t answered; /* of those */
	uint64_t again;    /* answers beyond the first, and what was sent again */
	uint64_t given_up;
	uint64_t longest;  /* ns from before a question was sent until after its answer was read */
};

extern struct talk talks[TALKS];
extern struct done done[KINDS];
extern unsigned int talks_now;

/* 0 where there is no room. */
struct talk *new_talk(enum kind kind, const struct sockaddr_in6 *to);
void end_talk(struct talk *talk);
uint64_t tag_of(const struct talk *talk);
/* Counts what was asked at `since` as answered now. */
void note_answer(enum kind kind, uint64_t since);

#define SHARED_SOCKETS 4
#define OWN_SOCKET SHARED_SOCKETS

void start_echo(void);
void begin_echo(const struct sockaddr_in6 *to, uint64_t now);
void echo_due(struct talk *talk, uint64_t now);
void echo_event(bool ipv6);

void start_queries(void);
void begin_query(const struct sockaddr_in6 *to, uint64_t now);
void query_due(struct talk *talk, uint64_t now);
void query_event(uint8_t socket, struct talk *talk);

void begin_quic(const struct sockaddr_in6 *to, uint64_t now);
void quic_due(struct talk *talk, uint64_t now);
void quic_event(struct talk *talk);

#endif
