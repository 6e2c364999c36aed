/* SPDX-License-Identifier: MIT */
/* What the programs of a soak have in common: each is told on stdin what to do (soak/steered.ts). */
#ifndef STEERED_H
#define STEERED_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* Ends the process, with errno. */
void fail(const char *what) __attribute__((noreturn));
/* IPv4 as IPv4-mapped: one kind of socket for both. */
struct sockaddr_in6 address_of(const char *text, uint16_t port);
/* Reads what stdin has: `rate N` sets the rate, `stats` has them printed. False at its end. */
bool obey(uint64_t *rate);
/* A line of JSON. Each program has its own. */
void print_stats(void);

#endif
