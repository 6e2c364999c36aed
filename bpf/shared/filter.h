/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Which connections are measured. */
#ifndef PPING_SHARED_FILTER_H
#define PPING_SHARED_FILTER_H

#include "types.h"

/* An address (all its bits) or a network: what, masked, equals `address`. */
struct prefix {
	struct address address;
	struct address mask;
	u32 ip_version; /* 4 or 6: ::/0 is not all of IPv4 */
	u32 reserved;
};

/* Both included. */
struct port_range {
	u16 first;
	u16 last;
};

/* How many of a kind there can be in one filter. */
enum limit {
	MOST_PREFIXES = 64,
	MOST_PORT_RANGES = 64,
	MOST_CGROUPS = 64,
	MOST_PIDS = 16,
	MOST_UDP_PORTS = 8,
};

/* Connections: where there are prefixes, those of which an end is within one; ports likewise. */
struct selection {
	u32 prefix_count;
	u32 port_range_count;
	struct prefix prefixes[MOST_PREFIXES];
	struct port_range port_ranges[MOST_PORT_RANGES];
};

/* Which connections are measured. */
struct filter {
	struct selection include;
	struct selection exclude;
	u32 is_active; /* 0: all are */
	u32 protocols; /* enum protocols; 0 = whatever is parsed */
};

/* A directory of cgroup2. */
struct cgroup_place {
	u64 id;    /* its inode */
	u32 level; /* below the root, which is 0 */
	u32 reserved;
};

/* Whose connections are measured: where there are cgroups, of one within them; pids likewise. */
struct owner_filter {
	u32 cgroup_count;
	u32 pid_count;
	u32 pids[MOST_PIDS];
	struct cgroup_place cgroups[MOST_CGROUPS];
};

_Static_assert(sizeof(struct prefix) == 40, "prefix has no padding");
_Static_assert(sizeof(struct selection) == 2824, "selection has no padding");
_Static_assert(sizeof(struct owner_filter) == 1096, "owner_filter has no padding");

#endif
