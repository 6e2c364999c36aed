/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Layouts and names shared by the core, its targets and user space; in shared/ there is a file for each concern.
 *
 * These are the only truth about them: `make layout` writes what user space needs of them to
 * src/core/layouts.ts. That goes by BTF, which knows enumerators, but not what #define says.
 * All times are nanoseconds of the target's monotonic clock, all durations are
 * nanoseconds, addresses are in network byte order, ports in host byte order.
 */
#ifndef PPING_H
#define PPING_H

#include "shared/aggregates.h"
#include "shared/counters.h"
#include "shared/entry.h"
#include "shared/events.h"
#include "shared/filter.h"
#include "shared/flow_key.h"
#include "shared/owners.h"
#include "shared/places.h"
#include "shared/settings.h"
#include "shared/sweep.h"
#include "shared/types.h"

#endif
