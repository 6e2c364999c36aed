/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a socket's state may be (net/tcp_states.h). */
#ifndef PPING_TCP_STATES_H
#define PPING_TCP_STATES_H

#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define TCP_NEW_SYN_RECV 12

#endif
