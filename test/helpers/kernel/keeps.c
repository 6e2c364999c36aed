/* SPDX-License-Identifier: MIT */
/*
 * Keeps something with the socket that is its descriptor 3, and lets go of it, again and again: as another program
 * that has a storage of its own. Says that it has begun, and goes on until it is killed.
 */
#include <err.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SOCKET 3
#define INT 1 /* the only type there is */

static const struct {
	struct btf_header header;
	struct btf_type type;
	__u32 encoding;
	char strings[8];
} TYPES = {
	.header = { .magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(struct btf_header),
		    .type_len = sizeof(struct btf_type) + sizeof(__u32),
		    .str_off = sizeof(struct btf_type) + sizeof(__u32), .str_len = 5 },
	.type = { .name_off = 1, .info = BTF_KIND_INT << 24, .size = sizeof(int) },
	.encoding = BTF_INT_SIGNED << 24 | 32,
	.strings = "\0int",
};

static int bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

static int make_storage(void)
{
	union bpf_attr types = { .btf = (__u64)&TYPES, .btf_size = sizeof(TYPES.header) + TYPES.header.type_len +
								  TYPES.header.str_len };
	union bpf_attr map = { .map_type = BPF_MAP_TYPE_SK_STORAGE, .key_size = sizeof(int), .value_size = sizeof(int),
			       .map_flags = BPF_F_NO_PREALLOC, .btf_key_type_id = INT, .btf_value_type_id = INT };
	int fd;

	map.btf_fd = bpf(BPF_BTF_LOAD, &types);
	if ((int)map.btf_fd < 0)
		err(1, "load a type");
	fd = bpf(BPF_MAP_CREATE, &map);
	if (fd < 0)
		err(1, "make a storage");
	return fd;
}

int main(void)
{
	int socket = SOCKET, value = 1;
	union bpf_attr kept = { .map_fd = make_storage(), .key = (__u64)&socket, .value = (__u64)&value };
	union bpf_attr element = { .map_fd = kept.map_fd, .key = (__u64)&socket };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (bpf(BPF_MAP_UPDATE_ELEM, &kept) || bpf(BPF_MAP_DELETE_ELEM, &element))
		err(1, "keep something and let go of it");
	if (write(STDOUT_FILENO, "begun\n", 6) < 0)
		err(1, "say so");
	for (;;) {
		bpf(BPF_MAP_UPDATE_ELEM, &kept);
		bpf(BPF_MAP_DELETE_ELEM, &element);
	}
}
