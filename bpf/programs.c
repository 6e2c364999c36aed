// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Which BPF programs there are, and what they are called: a walk over all that are loaded. Asking for one by its id
 * takes CAP_SYS_ADMIN (bpf_prog_get_fd_by_id); the walk takes what the rest of pping does.
 *
 * Each read of the iterator yields a struct program_name for each program. The kernel's structs are named here with
 * the fields that are read, and nothing else: libbpf puts in where the running kernel has them (CO-RE).
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "programs.h"

#define KERNEL_STRUCT __attribute__((preserve_access_index))

struct bpf_prog_aux {
	u32 id;
	char name[NAME_BYTES];
} KERNEL_STRUCT;

struct bpf_prog {
	struct bpf_prog_aux *aux;
} KERNEL_STRUCT;

struct bpf_iter_meta {
	struct seq_file *seq;
} KERNEL_STRUCT;

struct bpf_iter__bpf_prog {
	struct bpf_iter_meta *meta;
	struct bpf_prog *prog;
} KERNEL_STRUCT;

/* Brings the layout that only a walk yields into the object's BTF. */
const struct program_name *unused_program_name __attribute__((unused));

SEC("iter/bpf_prog")
int pping_programs(struct bpf_iter__bpf_prog *walk)
{
	struct bpf_prog *prog = walk->prog;
	struct program_name named = {};

	/* Once more at the end, with none. */
	if (!prog)
		return 0;
	named.id = prog->aux->id;
	bpf_probe_read_kernel(named.name, sizeof(named.name), prog->aux->name);
	/* Where there is no room left, the kernel ends the read here and asks for this program again. */
	bpf_seq_write(walk->meta->seq, &named, sizeof(named));
	return 0;
}

char _license[] SEC("license") = "Dual MIT/GPL";
