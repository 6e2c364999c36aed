/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The layout that programs.c shares with user space.
 */
#ifndef PPING_PROGRAMS_H
#define PPING_PROGRAMS_H

#include "pping.h"

/* BPF_OBJ_NAME_LEN, with a 0 at the end */
#define NAME_BYTES 16

/* A program that is loaded. */
struct program_name {
	u32 id;
	char name[NAME_BYTES]; /* any bytes, up to a 0; empty where it has none */
};

_Static_assert(sizeof(struct program_name) == 20, "program_name has no padding");

#endif
