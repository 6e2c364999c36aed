/* SPDX-License-Identifier: MIT */
/*
 * What crosses the relay, as a capture with nanoseconds (pcap). Its times are CLOCK_MONOTONIC's: the
 * clock that the delay is measured with, and that BPF programs read.
 */
#ifndef LAB_CAPTURE_H
#define LAB_CAPTURE_H

#include <stdint.h>
#include <stdio.h>

#define CAPTURE_BYTES 128 /* of each frame: all headers */

static FILE *capture;

/* 0, or -1 with errno. */
static int open_capture(const char *path)
{
	const uint32_t header[] = {0xa1b23c4d, 2 | 4 << 16, 0, 0, CAPTURE_BYTES, 1 /* Ethernet */};

	capture = fopen(path, "we");
	return capture && fwrite(header, sizeof(header), 1, capture) == 1 ? 0 : -1;
}

static void capture_frame(uint64_t ns, const unsigned char *bytes, uint32_t length)
{
	uint32_t kept = length < CAPTURE_BYTES ? length : CAPTURE_BYTES;
	const uint32_t record[] = {ns / 1000000000, ns % 1000000000, kept, length};

	if (!capture)
		return;
	fwrite(record, sizeof(record), 1, capture);
	fwrite(bytes, kept, 1, capture);
}

/* 0 when all of it is in the file, -1 when any was lost. */
static int flush_capture(void)
{
	return !capture || (!fflush(capture) && !ferror(capture)) ? 0 : -1;
}

#endif
