/* SPDX-License-Identifier: MIT */
/*
 * Puts a sock_ops program at a cgroup that tolerates no other there or below: as those do that know nothing of
 * others. It does nothing, and ends with the cgroup.
 *   alone <directory of cgroup2>
 */
#include <err.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

int main(int argc, char **argv)
{
	/* return 1; */
	struct bpf_insn code[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1 }, { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_SOCK_OPS,
				.insn_cnt = 2,
				.insns = (__u64)code,
				.license = (__u64) "GPL" };
	union bpf_attr attach = { .attach_type = BPF_CGROUP_SOCK_OPS, .attach_flags = 0 };

	if (argc != 2)
		errx(2, "alone <directory of cgroup2>");
	attach.target_fd = open(argv[1], O_RDONLY | O_DIRECTORY);
	attach.attach_bpf_fd = bpf(BPF_PROG_LOAD, &load);
	if ((int)attach.target_fd < 0 || (int)attach.attach_bpf_fd < 0 || bpf(BPF_PROG_ATTACH, &attach))
		err(1, "attach to %s", argv[1]);
	return 0;
}
