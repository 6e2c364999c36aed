/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What is known of connections, and where it is kept.
 *
 * The core reaches its stores only through the store_* functions, which the target
 * defines: BPF maps in the kernel, hash tables in a replay.
 */
#ifndef PPING_STATE_H
#define PPING_STATE_H

#include "packet.h"

enum flow_state {
	FLOW_WAITING = 1, /* one direction seen */
	FLOW_OPEN = 2,    /* both */
	FLOW_CLOSING = 3, /* a FIN in one direction */
	FLOW_CLOSED = 4,  /* tombstone */
};

enum locality {
	LOCALITY_UNKNOWN,
	LOCALITY_LOCAL,
	LOCALITY_REMOTE,
};

/* Samples whose report has to wait until the report interval is over. */
struct held {
	u64 reported; /* when a sample was last reported; 0 = never */
	u64 least;    /* 0 = nothing held back */
	u64 last;
	u32 samples;
	u32 flags;    /* enum rtt_flag, of the last */
};

/* The state of what one end sends. All times are of the target's clock. */
struct direction {
	u64 last_seen;
	u64 packets;
	u64 bytes;           /* TCP payload */
	u64 identifier_time; /* when `identifier` was accepted; 0 = none known yet */
	u64 sample_time;     /* last attempt to remember, bursts apart; 0 = never */
	u64 min_rtt;         /* 0 = no sample yet */
	u64 srtt;
	u32 identifier;      /* last TSval accepted as new */
	u32 outstanding;     /* identifiers remembered and neither answered nor forgotten */
	u32 next_seq;        /* just beyond the last byte seen */
	u32 ack_identifier;  /* TSval of the last pure ACK */
	u32 unanswered;      /* identifiers forgotten since the last answer */
	u32 burst;           /* samples since sample_time */
	struct held held;
};

/* One connection. */
struct flow {
	u64 cookie;
	u32 state;          /* enum flow_state */
	u32 ended;          /* bit per direction that sent FIN */
	u32 told;           /* 1 once its opening has been reported */
	u32 syn_identifier; /* of the SYN that opened it, if handshake_seen */
	u32 syn_seq;
	u32 reserved;
	u8 initiator;       /* direction that opened the connection, or was seen first */
	u8 opening_reason;  /* enum flow_reason */
	u8 handshake_seen;
	u8 reset;
	u8 locality[2];     /* enum locality of where each direction's packets go */
	u8 unused[2];
	struct direction direction[2];
};

/*
 * A connection of which only the handshake was seen. [0] is the SYN, [1] the
 * SYN-ACK. Lives in an LRU map: a flood of SYNs pushes out other embryos only.
 */
struct embryo {
	u64 time[2]; /* 0 = not seen */
	u64 rtt;     /* SYN to SYN-ACK; 0 = not known */
	u32 identifier[2];
	u32 seq[2];
	u32 packets[2];
	u8 hook[2];
	u8 to_this_host[2];
	u8 initiator; /* direction of the SYN */
	u8 reserved[3];
};

/* 16 bytes instead of a full tuple, and never equal for two connections. */
struct timestamp_key {
	u64 cookie;
	u32 identifier;
	u8 direction;
	u8 reserved[3];
};

struct timestamp {
	u64 time;    /* when the identifier was seen */
	u64 expires;
	u32 seq;     /* an answer acknowledges more than this */
	u32 reserved;
	struct flow_key flow;
};

/* Written by user space (kernel target) or the host (replay). */
static volatile struct settings *store_settings(void);

/* A pointer that stays valid while the segment is processed, or 0. */
static struct flow *store_flow_lookup(const struct flow_key *key);
/* Adds a flow unless the key has one; 0 on success, -1 when full. */
static int store_flow_create(const struct flow_key *key, const struct flow *flow);
static void store_flow_delete(const struct flow_key *key);
static u64 store_next_cookie(void);

static struct embryo *store_embryo_lookup(const struct flow_key *key);
static void store_embryo_put(const struct flow_key *key, const struct embryo *embryo);
/* 0 for the one caller that deleted it. */
static int store_embryo_delete(const struct flow_key *key);

static struct timestamp *store_timestamp_lookup(const struct timestamp_key *key);
/* 0 on success, 1 when the key is there already, -1 when full. */
static int store_timestamp_insert(const struct timestamp_key *key, const struct timestamp *value);
/* 0 for the one caller that deleted it. */
static int store_timestamp_delete(const struct timestamp_key *key);

/* Room for one event, to be submitted at once; 0 when there is none (the target counts that). */
static struct rtt_event *store_rtt_event(void);
static struct flow_event *store_flow_event(void);
static void store_submit(void *event);
/* Gives such room back. */
static void store_discard(void *event);

static void store_count(enum counter counter);

/* Whether a segment that came in through ingress for `destination` ends on this machine. */
static int store_is_local(void *context, const struct flow_key *key, u8 destination,
			  u8 to_this_host);

#endif
