/* SPDX-License-Identifier: MIT */
/* The connections of either end, and what is done to them by both. */
#ifndef CHURN_H
#define CHURN_H

#include "../steered/steered.h"

#define PORTS 4
#define MAX_FDS 16384
#define REQUEST_BYTES 64
#define ANSWER_BYTES 256
#define QUIET_MS 150      /* until everything is acknowledged, before a socket vanishes */
#define PATIENCE_MS 20000 /* for an answer; longer than any fault */

/* How a connection ends. The client tells the server in its request. */
enum end {
	CLIENT_FIN,
	SERVER_FIN,
	CLIENT_RST,
	SERVER_RST,
	VANISHED,  /* at both ends, without a packet */
	HALF_OPEN, /* vanished at the client; the server's FIN meets nobody */
	REFUSED,   /* a closed port */
	SYN_ONLY,  /* nobody answers, and it is given up */
	ENDS,
	LONG_LIVED = ENDS,
};

struct connection {
	uint8_t used, end, connecting, leaving;
	uint8_t requests;   /* left to be answered */
	uint32_t received;  /* bytes of an unfinished request or answer */
	char kind;          /* server: of the request that is being read */
	bool last;
	uint64_t deadline;  /* ms; 0 = none */
};

/* By descriptor, up to the highest there was. */
extern struct connection connections[MAX_FDS];
extern int highest;
extern unsigned int open_now;
/* An epoll instance. */
extern int poller;

uint64_t now_ms(void);
void watch(int fd, uint32_t events, int operation);
struct connection *add(int fd, enum end end);
/* With a FIN, with a RST, without a packet. */
void leave(int fd);
void reset(int fd);
void vanish(int fd);

void start_client(int argc, char **argv);
void client_event(int fd, uint64_t now);
void client_due(int fd, uint64_t now);
/* At so many connections per second. */
void open_due(uint64_t rate, uint64_t now);

/* Processes with a connection each. */
void run_brief(char **argv);

void start_server(int argc, char **argv);
void server_event(int fd, uint64_t now);
void server_due(int fd, uint64_t now);

#endif
