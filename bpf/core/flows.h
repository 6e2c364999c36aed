/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is known of connections. */
#ifndef PPING_FLOWS_H
#define PPING_FLOWS_H

#include "../pping.h"

/* In this order, and never back. */
enum flow_state {
	FLOW_WAITING = 1, /* one direction seen */
	FLOW_OPEN = 2,    /* both */
	FLOW_CLOSING = 3, /* a FIN in one direction */
	FLOW_CLOSED = 4,  /* tombstone */
	FLOW_DELETED = 5, /* about to be deleted, by whoever made it so */
};

enum locality {
	LOCALITY_UNKNOWN,
	LOCALITY_LOCAL,
	LOCALITY_REMOTE,
};

/* Of a flow's owner. What is below OWNER_HIDDEN asks for attention, packet by packet. */
enum owner_state {
	OWNER_UNKNOWN,   /* neither end could be asked yet */
	OWNER_ELSEWHERE, /* one end is not on this machine, or not asked for; the other was not asked yet */
	OWNER_SECOND,    /* one end's is known; the other comes first if it has one, and was not asked yet */
	OWNER_REFUSED,   /* the filter leaves its connections out */
	OWNER_HIDDEN,    /* nothing can tell it any more */
	OWNER_ABSENT,    /* none is on this machine */
	OWNER_KNOWN,
};

#define BOTH_ENDS 2

/* One that ends a flow if nothing follows: it has to be there for two sweeps, however long the flow was idle. */
enum doubted_reset {
	DOUBTED_RESET = 1,       /* + the direction it came in */
	DOUBTED_RESET_MASK = 3,
	DOUBTED_RESET_SWEPT = 4,
};

/* A keep-alive probe that waits, or waited last, at `seq` (keepalive.h). What is not one is PROBE_NONE. */
enum probe {
	PROBE_NONE,
	PROBE_FIRST,    /* waits, and what was before it is not known */
	PROBE_ALONE,    /* waits, and all before it was answered long ago */
	PROBE_ANSWERED,
	PROBE_PASSED,   /* the one before it was answered; it was not sampled */
	PROBE_DISPUTED, /* an answer may be to any of several */
};

/* How far QUIC's handshake has come. */
enum quic_phase {
	QUIC_UNKNOWN,    /* met in its midst, or after it */
	QUIC_BEGUN,      /* the client's Initial has passed */
	QUIC_RETRIED,    /* and a Retry: the client is to begin again, with the id that it tells */
	QUIC_NEGOTIATED, /* and a negotiation: it is to begin anew, with another version */
	QUIC_ANSWERED,   /* and what tells the server's own id */
	QUIC_ASKED,      /* and what the client has to answer */
	QUIC_CONFIRMED,  /* it has */
	QUIC_DISPUTED,   /* two have begun at once */
};

/* What is known of one end's spin bit: spin.h. Of a flow of QUIC, once no question of its handshake waits. */
struct spin_end {
	u64 candidate;  /* when its value changed, as far as that is not decided yet; 0 = it has not */
	u8 flags;       /* enum spin_flag */
	u8 score : 2;   /* how often the candidate has been confirmed, and not contradicted */
	u8 hook : 2;    /* enum hook, where the candidate was seen */
	u8 wrong : 3;   /* contradictions in a row */
	u8 overtaken : 1; /* packets of it have been */
	u8 count;       /* packets since the last edge; 255 at most */
	u8 proof;       /* that its values are reflections: of those that it has to keep */
	u8 prompt;      /* and of those that it has to change */
	u8 against;     /* contradictions, 255 at most */
	u8 turns : 3;   /* of the flow, in its end 0: how often the turn has changed, SPIN_MOST_TURNS at most */
	u8 unrest : 3;  /* what changed last was no edge: packets until the next that changes is not taken for a part of it */
	u8 judged : 1;  /* in this turn a packet has been judged by whether it has changed */
	u8 many : 1;    /* packets were in its last turn: each edge has to be confirmed by packets */
	u8 state : 3;   /* of the flow, in its end 0: enum spin_state */
	u8 low : 2;     /* early edges in a row, 3 at most */
	u8 same_ids : 2; /* how often `spin_id` was that of the packet before, SPIN_SURE_IDS at most */
	u8 asks : 1;    /* its last edge's time is known well enough to begin an RTT */
};

/* A packet that waits for its answer, in its flow. */
struct question {
	u64 time;      /* when it was seen; 0 = free, SLOT_BEING_FILLED */
	union {
		struct {
			u32 identifier; /* of a probe that does not wait when it passed, or was disputed: keepalive.h; of QUIC: ask_question() */
			u32 seq;       /* an answer acknowledges more than this; of QUIC: coarse_time() when it was asked */
			u8 sent_once;  /* as far as was seen: then whatever acknowledges it answers it */
			u8 is_alone;   /* no segment before it had its TSval: then TSecr tells it from what is sent again */
			u8 handshake;  /* it is a SYN-ACK, or of QUIC's handshake */
			u8 hook;       /* enum hook, where it was seen */
			u8 by_sequence; /* whatever acknowledges it answers it, or nothing does */
			u8 probe;      /* enum probe */
			u16 window;    /* what the last answer to a probe said of it; else as it was */
		};
		struct spin_end spin; /* of QUIC, where no question waits: spin.h */
	};
};

/* What has been learnt of one end's sequence space. */
enum known {
	SEQ_KNOWN = 1,
	ACK_KNOWN = 2,
	SEQ_DOUBTED = 4, /* more was sent than seen: it may yet be sent again */
	SEQ_WHOLE = 8,   /* seen from its SYN on: what may be sent again is known */
	SEQ_RESENT = 16, /* under `latest` something was sent again; without timestamps, before it */
	TSVAL_KNOWN = 32, /* its segments have timestamps */
	SEQ_ON_EGRESS = 64, /* if SEQ_KNOWN: where it was first seen. At another hook what passes is the same again */
	SEQ_CHALLENGED = 128, /* since its last probe it has sent what its peer answers likewise: keepalive.h */
};

/* Of a flow: set_mark() (lives.h). */
enum mark {
	MARK_ENDED = 1,          /* its direction 0 has sent a FIN; shifted by one: its direction 1 */
	MARKS_ENDED = 3,
	MARK_LOSSES = 4,         /* there is, or was, an entry of it in the loss map */
	MARK_TOLD = 8,           /* its opening has been reported */
	MARK_ASSURED = 16,       /* its data has been answered: assured.h */
	MARK_OWNER_CLAIMED = 32, /* while, and after, one CPU writes its owner */
	MARK_OWNER_TOLD = 64,    /* that has been reported */
	MARK_ORIGINAL_TOLD = 128,
	MARK_SYN_ACK = 256,      /* a SYN-ACK has passed of which nothing was kept */
	MARK_SAMPLED = 512,      /* direction 0 has had its sample of this window; shifted by one: direction 1 */
	MARK_UNSTAMPED = 2048,   /* left out since it has no timestamps: only how much it is counts */
	MARK_COUNTING = 4096,    /* while its traffic is added to aggregates: aggregated_traffic.h */
	MARK_EMPTY = 8192,       /* the cell has no flow: flow_cells.h */
	MARK_AGGREGATED = 16384, /* its end 0 has answered beyond the interface; shifted: aggregated_mark() */
	MARK_OWNER_SOUGHT = 1 << 20, /* among all sockets, and not found: unowned.h */
	MARK_ONLY_ANSWERS = 1 << 21, /* its direction 0 has asked nothing so far; shifted by one: direction 1 (exact.h) */
	MARK_QUIC = 1 << 23,     /* it is of QUIC */
	MARK_IN_HANDSHAKE = 1 << 24, /* while a CPU looks at a packet of QUIC's handshake: handshake.h */
	MARK_PASSED_OVER = 1 << 25,  /* a packet of it was not looked at: what is sent again is not known */
	MARK_FORGOTTEN = 1 << 26,    /* one between the same ends was forgotten a moment before: forgotten.h */
	MARK_LEFT_OVER = 1 << 27,    /* of its deletion something is still to be done: flow_table.h */
	MARK_OWNER_LOST = 1 << 28,   /* its owner found no room after its last event, which is counted */
};

/*
 * What each packet that one end sends may change. Times are of the target's clock, but where
 * nothing is measured of its coarse one.
 */
struct direction {
	u64 last_seen;       /* by the coarse clock */
	u64 packets;
	u64 bytes;           /* TCP payload */
	u32 identifier_time; /* coarse_time(), when `identifier` was accepted, a client began, or a rival was answered; 0 = none yet */
	union {
		u32 window_time; /* about when the window opened, likewise; 0 = that is not known */
		u32 spin_gap;    /* of QUIC: from the candidate to the packet that confirmed it, in ns; 0 = none has */
	};
	u64 window_start;    /* rates.h; 0 = there was none */
	union {
		u32 identifier;    /* last TSval accepted as new; of exact.h when its window began */
		u32 connection_id; /* of QUIC: what its peer addresses it by (hash_id()); 0 = not known */
	};
	union {
		u32 next_seq; /* just beyond the last byte or FIN seen, if SEQ_KNOWN */
		u32 first_id; /* of QUIC's server: what the client has addressed it by at first */
		u32 offered_id; /* of its client: what the server has told a rival */
	};
	union {
		u16 candidates; /* of the window, so far, or CANDIDATES_UNKNOWN */
		u16 spin_more;  /* of QUIC: what its end's `spin_rtt` may have to be longer by: spin_held.h */
	};
	union {
		u16 usual;      /* so many of them a window has */
		u16 spin_id;    /* of QUIC: of the id in its last packet with a short header, a hash */
	};
	union {
		u32 ack;      /* the highest acknowledgement seen, if ACK_KNOWN */
		u32 rival_id; /* of QUIC: its id in another connection that begins on these ports: rivals.h */
	};
	union {
		struct {
			u32 latest;  /* TSval of the last segment; without timestamps, up to where SEQ_RESENT goes */
			u32 echoed;  /* and its TSecr */
		};
		u64 asked;           /* of exact.h: identifiers that were sent lately: is_identifier_new() */
		u64 spin_edge;       /* of QUIC: when its spin bit changed last; 0 = that is not known */
	};
};

/* Of a window over RTTs, the half that is not over: rtts.h. */
struct half {
	u32 least; /* what is above 4.29 s is not remembered beyond it */
	u32 begun;
};

/* Of what one end sends: the identifiers that wait, and what answers have told. */
struct samples {
	struct question slot;
	union {
		u32 mapped;     /* identifiers in the timestamp map */
		u32 rival_time; /* of QUIC: when a rival was answered, and of its client when it has asked: rivals.h */
	};
	union {
		u32 first;      /* sequence number of the first segment seen, in mid-stream */
		u32 spin_least; /* of QUIC: about the least time to this end's edges; before the first, coarse_time() of its first packet */
	};
	u64 min_rtt;    /* the least of the last window: rtts.h; 0 = no sample yet */
	u64 srtt;
	u32 rttvar;     /* RFC 6298, 4.29 s at most */
	u16 unanswered; /* identifiers forgotten since the last answer */
	u16 held_flags; /* enum rtt_flag, of the last sample that is held back */
	struct half half;
};

/* What --report-interval needs to know; without it, not even read. */
struct held {
	u64 least;    /* of the RTTs of samples that are held back; 0 = none */
	u64 last;     /* of those */
	u32 reported; /* when a sample was last reported, in microseconds: reports.h; 0 = never */
	u32 samples;  /* whose report waits until the report interval is over */
};

/*
 * One connection. In the kernel's table its key is before it: with the first 24 bytes, which are mostly read, that is a
 * cache line, and each direction and each end's samples have one. The packets of a connection's two directions are
 * often on two CPUs.
 */
struct flow {
	u64 life;           /* its cookie and enum flow_state: lives.h */
	u32 marks;          /* enum mark, set one by one */
	union {
		u8 successor; /* 1 where a SYN of another connection has been seen on the same ports */
		u8 rival;     /* of QUIC: enum rival_flag */
	};
	u8 known[2];        /* enum known, of each direction */
	u8 doubted_reset;   /* enum doubted_reset, of an RST that is nearly right, with nothing after it; 0 = none */
	u8 burst[2];        /* samples of each direction's window, 255 at most */
	union {
		u8 srtt_doubted[2]; /* since its last sample data was sent again, or a probe not answered: keepalive.h */
		u8 other_id[2];     /* of QUIC: some bits of the last packet's id, where that is not `spin_id`; 0 = it is */
	};
	u8 locality[2];     /* enum locality of where each direction's packets go */
	u8 owner_state;     /* enum owner_state */
	u8 owner_end;       /* the direction that the owner, or who was asked, sends; of refused ones BOTH_ENDS, once both were asked */
	struct direction direction[2];
	struct samples samples[2];
	struct held held[2];
	union {
		u32 syn_seq;  /* of the SYN that opened it, if handshake_seen */
		u32 retry_id; /* of QUIC: the id that a Retry has told; 0 = there was none */
	};
	u8 initiator;       /* direction that opened the connection, or was seen first */
	u8 opening_reason;  /* enum flow_reason */
	union {
		u8 handshake_seen;
		u8 quic_phase; /* enum quic_phase */
	};
	u8 reset;
	u32 spin_rtt[2];    /* of QUIC: to each end, not told yet; 0 = there is none */
#ifdef PPING_OWNERS
	struct owner owner;
	u32 syn_ack_seq;    /* of the SYN-ACK; 0 = it was not seen */
	u32 is_conclusive;  /* 1: where no socket is found there is none. Its SYN was seen, and nothing speaks against it */
#endif
#ifdef PPING_ORIGINALS
	struct original original;
	u64 conntracked;    /* fingerprint() of what conntrack has said; 0 = nothing yet */
#endif
};

_Static_assert(__builtin_offsetof(struct flow, direction) == 24, "see struct flow");
_Static_assert(sizeof(struct direction) == 64, "a cache line");
_Static_assert(sizeof(struct samples) == 64, "a cache line");
_Static_assert(sizeof(struct question) == 24, "the spin bit takes no room");

#define MOST_GAPS 4

/* Sequence numbers that were passed over: overtaken, or lost before they could be seen. */
struct gap {
	u32 start; /* where it ends, too: it is filled, or there is none */
	u32 end;
	u32 tsval; /* of the segment behind it */
	u32 time;  /* when that was seen: GAP_TIME_SHIFT */
};

/* A flow's entry in the loss map, made when there is something to count. With all else 256 bytes in the kernel. */
struct flow_losses {
	struct losses counts[2];      /* of each direction, as are all of these */
	struct gap gaps[2][MOST_GAPS];
	u32 repeated_ack[2];          /* the last acknowledgement that came twice */
	u16 repeated_window[2];       /* and what it said of the window */
	u8 next_gap[2];               /* which is given up for the next: the oldest */
	u8 reserved[2];
};

_Static_assert(sizeof(struct flow_losses) + sizeof(u64) + 56 <= 256, "see struct flow_losses");

/* Of a flow whose traffic is in aggregates; of each direction. */
struct counted {
	struct traffic all[2];   /* what was counted, until now */
	struct traffic since[2]; /* while it is: what is new. The stack has no room for it */
};

/*
 * A connection of which only the handshake was seen. [0] is the SYN, [1] the
 * SYN-ACK. Lives in an LRU map: a flood of SYNs pushes out other embryos only.
 */
struct embryo {
	u64 time[2]; /* 0 = not seen */
	u64 rtt;     /* SYN to SYN-ACK, if is_answered; not above 0 where the clock shows none */
	u32 identifier[2];
	u32 seq[2];     /* of the SYN also where only what acknowledges it was seen */
	u32 packets[2];
	u32 payload[2]; /* bytes: TCP Fast Open, RFC 7413 */
	u32 ack;        /* the SYN-ACK's */
	u32 passed;     /* how much was sent after the SYN, and not taken for this connection's */
	u8 hook[2];
	u8 again[2];    /* sent before under the same TSval, or may have been: which is answered cannot be told */
	u8 seen[2];     /* `identifier` is the newest that was seen, maybe of an earlier one on the same ports */
	u8 is_answered; /* the SYN */
	u8 simultaneous; /* both ends have sent a SYN (RFC 9293, 3.5) */
	u8 answer_hook; /* of the SYN-ACK that made `rtt`: another may have come since */
	u8 to_this_host[2];
	u8 has_timestamp[2];
	u8 by_sequence; /* how `rtt` was found */
	u8 disputed;    /* there was something on the same ports before: what was sent once is not known */
	u8 is_reset;    /* a RST has ended it: known is only what makes the next one ambiguous */
	u8 lost_syn_ack; /* MARK_SYN_ACK of the flow before it */
	u8 initiator;   /* direction of the SYN */
	u8 owner_state; /* as a flow's */
	u8 owner_end;
	u8 repeats[2];  /* how often each was sent again, 255 at most */
	u8 reserved[2];
#ifdef PPING_OWNERS
	struct owner owner;
#endif
};

/* 16 bytes instead of a full tuple, and never equal for two connections. */
struct timestamp_key {
	u64 cookie;
	u32 identifier;
	u8 direction;
	u8 reserved[3];
};

/* A query of DNS between two ends. Hashed as bytes. */
struct dns_key {
	struct flow_key flow;
	u16 id;
	u8 sender; /* the direction of the query */
	u8 is_over; /* 1 = one that was given up: it waits no more, and what is sent again is not new */
	u8 reserved[4];
};

/* What is known of it while it waits. Lives in an LRU map: a flood of queries pushes out other queries only. */
struct dns_query {
	u64 time;      /* when it was seen first */
	u64 last;      /* and last, at the same hook */
	u32 sent;      /* how often */
	u32 responses; /* to it, where that is more than once: at any hook, and also those that came twice */
	u8 hook;       /* enum hook */
	u8 reserved[7];
#ifdef PPING_OWNERS
	struct owner owner; /* whose socket has asked; without a socket_cookie that is not known */
#endif
};

struct timestamp {
	u64 time;    /* when the identifier was seen */
	u64 expires;
	u32 seq;     /* an answer acknowledges more than this */
	u8 hook;     /* enum hook, where it was seen */
	u8 reserved[3];
	struct flow_key flow;
};

#endif
