/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What comes of making an entry of a map that is not to be there yet (BPF_NOEXIST). */
#ifndef PPING_CREATED_H
#define PPING_CREATED_H

/* asm-generic/errno-base.h */
#define EEXIST 17

/* As core/state.h has it: 0 on success, 1 when the key has one already, -1 when full. `status` is the kernel's. */
static __always_inline int created(long status)
{
	if (!status)
		return 0;
	return status == -EEXIST ? 1 : -1;
}

#endif
