/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the core tells user space: records of the ring buffer. */
#ifndef PPING_SHARED_EVENTS_H
#define PPING_SHARED_EVENTS_H

#include "owners.h"

/* What a record is: which of the structs below. */
enum event_type {
	EVENT_RTT = 1,
	EVENT_FLOW = 2,
	EVENT_OWNER = 3,
	EVENT_ORIGINAL = 4,
	EVENT_OVERDUE = 5,
	EVENT_DNS = 6,
};

/* How an RTT was found, and where its reply was seen. */
enum rtt_flag {
	RTT_MATCH_ON_EGRESS = 1, /* the reply left through the interface */
	RTT_HANDSHAKE = 2,       /* SYN to SYN-ACK, or SYN-ACK to ACK; or of QUIC's handshake */
	RTT_HOOK_UNKNOWN = 4,    /* a capture does not say where the reply went */
	RTT_BY_SEQUENCE = 8,     /* by sequence number: without timestamps */
	RTT_LOSSES = 16,         /* its flow has had losses; else they are not told, and all 0 */
	RTT_ANSWER_DATA = 32,    /* the reply brings data, and is no SYN-ACK: it may have waited for an application */
	RTT_KEEP_ALIVE = 64,     /* of a keep-alive probe */
	RTT_BY_IDENTIFIER = 128, /* the reply repeats what it answers: ICMP echo */
	RTT_BY_CONNECTION_ID = 256, /* the reply has what only the other end can have told it: QUIC's handshake */
	RTT_BY_SPIN_BIT = 512,   /* the reply reflects QUIC's spin bit: it may have waited until there was something to send */
};

/* What has come of a query. Beside those of enum rtt_flag that say where a reply was seen. */
enum dns_flag {
	DNS_TRUNCATED = 1 << 8,   /* TC: the response had no room for all */
	DNS_UNANSWERED = 1 << 9,  /* there was none */
	DNS_QUESTION = 1 << 10,   /* the question is told */
	DNS_AMBIGUOUS = 1 << 11,  /* it was answered, but sent again: counted in aggregates, and not told by itself */
};

/* What has become of a flow. */
enum flow_change {
	CHANGE_OPENING = 1,
	CHANGE_CLOSING = 2,
	CHANGE_UNMEASURED = 3, /* none: one without RTTs to an end, that had no closing or one by FIN, is over at last */
};

/* Why no RTT to an end of a flow was measured. */
enum unmeasured {
	UNMEASURED_NOT = 0,           /* one was */
	UNMEASURED_LOCAL = 1,         /* it is on this machine */
	UNMEASURED_NO_DATA = 2,       /* nothing was sent to it that it would answer */
	UNMEASURED_ONE_DIRECTION = 3, /* only one end was seen */
	UNMEASURED_NOTHING_NEW = 4,   /* nothing that was known to be new, or it had no room */
	UNMEASURED_UNANSWERED = 5,
	UNMEASURED_AMBIGUOUS = 6,     /* what its answers answered could not be told */
	UNMEASURED_NO_TIMESTAMPS = 7, /* it has none, and `sequence` is 0 */
	UNMEASURED_NO_SPIN = 8,       /* of QUIC: its spin bit does not tell one */
};

/* What the spin bit of a connection of QUIC turned out to be. */
enum spin {
	SPIN_NOT = 0,      /* it is not of QUIC */
	SPIN_NONE = 1,     /* too little was seen of it */
	SPIN_CONSTANT = 2, /* its value does not change, or does not come back */
	SPIN_RANDOM = 3,   /* it changes, and not by reflection */
	SPIN_VALID = 4,
};

/* What a flow was opened or closed by. */
enum flow_reason {
	REASON_SYN = 1,
	REASON_SYN_ACK = 2,
	REASON_FIRST_PACKET = 3,
	REASON_FIN = 4,
	REASON_RST = 5,
	REASON_TIMEOUT = 6,
	REASON_INITIAL = 7, /* of QUIC */
};

/* Whose doing that was: an end of the flow, as the event has it, or a sweep. */
enum flow_trigger {
	TRIGGER_SRC = 1,
	TRIGGER_DEST = 2,
	TRIGGER_CLEANUP = 3,
};

/* Within `version_type` of an event. */
enum version_type {
	VERSION_TYPE_BITS = 4, /* of enum event_type, below the IP version */
};

/* What every event begins with. */
struct event_header {
	u64 timestamp; /* when it happened: ns since boot, without suspend */
	u64 flow_id;   /* the flow's cookie, never reused in a run; below 2^53 */
	struct address src;
	struct address dest;
	u16 src_port;
	u16 dest_port;
	u8 version_type; /* the IP version, 4 or 6, and enum event_type: enum version_type */
	u8 protocol;     /* enum protocol */
	u16 place;       /* as in flow_key */
};

/* Of what one end sends, as far as was seen: what shows that packets were lost, or delayed. */
struct losses {
	u64 retransmitted_bytes;   /* TCP payload */
	u32 retransmitted_packets;
	u32 reordered_packets;     /* overtaken by what was sent after them */
	u32 duplicate_acks;
	u32 zero_windows;          /* segments that say it takes no more data */
};

/*
 * A sample, and those that report_interval has held back before it. src is the
 * responder: the flow as seen in the reply.
 */
struct rtt_event {
	struct event_header header;
	u64 rtt;
	u64 interval_min_rtt; /* the least of all it stands for */
	u64 min_rtt;      /* of the flow in this direction, within min_window */
	u64 srtt;         /* smoothed as RFC 6298, 2.3 */
	u64 sent_packets; /* towards the responder, this one included */
	u64 sent_bytes;   /* payload: behind the header of TCP, or of ICMP echo */
	u64 rec_packets;  /* from the responder */
	u64 rec_bytes;
	u32 flags;        /* enum rtt_flag */
	u32 samples;      /* how many it stands for, itself included */
	u32 rttvar;       /* RFC 6298, 2.3; 4.29 s at most */
	u32 reserved;
	/* Only there with RTT_LOSSES: without, a record ends here. */
	struct losses sent_losses;
	struct losses rec_losses;
};

#define RTT_BYTES_WITHOUT_LOSSES __builtin_offsetof(struct rtt_event, sent_losses)

/* A flow opened or closed, or CHANGE_UNMEASURED. src is the end that opened it, or was seen first. */
struct flow_event {
	struct event_header header;
	u8 change;  /* enum flow_change */
	u8 reason;  /* enum flow_reason */
	u8 trigger; /* enum flow_trigger */
	u8 unmeasured_src;  /* enum unmeasured */
	u8 unmeasured_dest; /* likewise */
	u8 spin;    /* enum spin */
	u8 reserved[2];
	/* Until now, towards src and from it, as in an RTT. */
	u64 sent_packets;
	u64 sent_bytes;
	u64 rec_packets;
	u64 rec_bytes;
	struct losses sent_losses;
	struct losses rec_losses;
};

/*
 * Data that nothing has acknowledged, and that is no longer waited for: its RTT is at least this. src
 * is the end that has not answered.
 */
struct overdue_event {
	struct event_header header;
	u64 waited; /* ns */
	u32 flags;  /* enum rtt_flag: where its answer would have been seen */
	u32 reserved;
};

/* A name of 255 bytes, its type and its class (RFC 1035, 2.3.4, 4.1.2), in words of 8 bytes. */
#define DNS_QUESTION_BYTES 264

/* The response to a query of DNS, or that there was none. src is the resolver. It is of no flow: its id is 0. */
struct dns_event {
	struct event_header header;
	u64 time;  /* ns from the query to the response; without one, that it was waited for */
	u32 flags; /* enum dns_flag; and of enum rtt_flag where the response was seen, or would have been */
	u16 id;
	u8 rcode;  /* the 4 bits of the header */
	u8 reserved;
	struct owner owner; /* whose socket has asked; without a socket_cookie that is not known */
	/* Only there with DNS_QUESTION: without, a record ends here. */
	u32 question_bytes; /* that were there to be copied */
	u8 question[DNS_QUESTION_BYTES]; /* of the response, from its question on, as on the wire */
	u32 reserved_2;
};

#define DNS_BYTES_WITHOUT_QUESTION __builtin_offsetof(struct dns_event, question_bytes)

/*
 * A flow's owner has become known. src is the end that is on this machine. Without a socket_cookie none is: the
 * connection is not this machine's.
 */
struct owner_event {
	struct event_header header;
	struct owner owner;
};

/* The same of its ends before NAT, where they differ or are disputed. original.address[0] is src's. */
struct original_event {
	struct event_header header;
	struct original original;
};

_Static_assert(sizeof(struct event_header) == 56, "event_header has no padding");
_Static_assert(sizeof(struct losses) == 24, "losses has no padding");
_Static_assert(sizeof(struct rtt_event) == 184, "rtt_event has no padding");
_Static_assert(sizeof(struct flow_event) == 144, "flow_event has no padding");
_Static_assert(sizeof(struct overdue_event) == 72, "overdue_event has no padding");
_Static_assert(sizeof(struct dns_event) == 384, "dns_event has no padding");

#endif
