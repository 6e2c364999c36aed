/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Integers, times and addresses. */
#ifndef PPING_SHARED_TYPES_H
#define PPING_SHARED_TYPES_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

#define NS_PER_SECOND 1000000000ULL
/* TASK_COMM_LEN, with a 0 at the end */
#define COMM_BYTES 16

/* An IPv6 address, or an IPv4 one mapped to ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). */
struct address {
	union {
		u8 bytes[16];
		u32 words[4];
		u64 halves[2];
	};
};

#endif
