/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What is left of a captured frame while headers are taken off it that only captures have.
 */
#ifndef PPING_REPLAY_INNER_H
#define PPING_REPLAY_INNER_H

#include "sides.h"

struct inner {
	const u8 *position; /* where it begins now */
	const u8 *end;      /* of what was captured */
	u32 length;         /* on the wire, from position on: never less than what was captured */
	u32 link;           /* enum link_layer that it begins with now */
	u32 interface;      /* as in struct vantage */
	struct side side;
};

static __always_inline int has(const struct inner *f, u32 length)
{
	return (u32)(f->end - f->position) >= length;
}

/* Of what has() said that it is there. */
static __always_inline void take(struct inner *f, u32 length)
{
	f->position += length;
	f->length -= length;
}

static __always_inline u16 little16(const u8 *at)
{
	return at[0] | at[1] << 8;
}

static __always_inline u16 big16(const u8 *at)
{
	return at[0] << 8 | at[1];
}

static __always_inline u32 little32(const u8 *at)
{
	return little16(at) | (u32)little16(at + 2) << 16;
}

static __always_inline u32 big32(const u8 *at)
{
	return (u32)big16(at) << 16 | big16(at + 2);
}

/* The header itself says how long it is, and what follows. */
static __always_inline enum parse_result take_header(struct inner *f, u32 length, u32 least, u32 link)
{
	if (length < least)
		return PARSE_MALFORMED;
	if (!has(f, length))
		return PARSE_TRUNCATED;
	take(f, length);
	f->link = link;
	return PARSE_OK;
}

#endif
