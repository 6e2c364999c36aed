/** How the ends of a handshake are. Times in ns. */

import { connectionId, VERSION } from '../../../lab/kernel/quic-packets.js';
import type { Random } from '../../../lab/random.js';
import { chance, pick, scaled } from '../pair/draw.js';
import type { Delays, Faults } from '../spin/path.js';
import type { Rival } from './story.js';

export interface Traits {
  readonly version: number;
  readonly knowsVersion: boolean;
  /** What the client first calls the server, what each calls itself, and what a Retry tells, if there is one. */
  readonly firstId: Buffer;
  readonly clientId: Buffer;
  readonly serverId: Buffer;
  readonly retryId: Buffer | undefined;
  /** Datagrams that the client's hello takes, and the server's flight. */
  readonly helloParts: number;
  readonly flightParts: number;
  /** Whether the server acknowledges before it has made its flight. */
  readonly isInstant: boolean;
  /** Whether the client acknowledges what comes before the flight is whole. */
  readonly acknowledges: boolean;
  readonly isEarly: boolean;
  readonly serverThinks: number;
  readonly clientThinks: number;
  readonly delays: Delays;
  readonly faults: Faults & { readonly duplication: number };
}

const MS = 1_000_000;

/** @param connection a number that no other has */
export function drawTraits(random: Random, connection: number): Traits {
  const id = (which: number, ...bytes: readonly number[]) =>
    connectionId(8 * connection + which, pick(random, ...bytes));
  const serverId = id(2, 1, 8, 18, 20);
  const delay = () => scaled(random, 10_000, 100 * MS);
  return {
    version: pick(random, VERSION.v1, VERSION.v2),
    knowsVersion: !chance(random, 0.1),
    firstId: id(0, 8, 18, 20),
    clientId: id(1, 0, 4, 8, 20),
    serverId,
    // Some servers keep it.
    retryId: chance(random, 0.25) ? pick(random, serverId, id(3, 8, 20)) : undefined,
    helloParts: pick(random, 1, 1, 2),
    flightParts: pick(random, 1, 2, 3),
    isInstant: chance(random, 0.3),
    acknowledges: chance(random, 0.7),
    isEarly: chance(random, 0.2),
    serverThinks: scaled(random, 100_000, 50 * MS),
    clientThinks: scaled(random, 100_000, 20 * MS),
    delays: {
      clientToWatcher: delay(),
      watcherToServer: delay(),
      serverToWatcher: delay(),
      watcherToClient: delay(),
    },
    faults: drawFaults(random),
  };
}

/** So far apart are the numbers of those on the same ports: ids of one byte are others, too. */
const APART = 1_000_003;

/** Up to three handshakes on the ports of the first, some of them somebody else's. */
export function drawRivals(random: Random, connection: number): Rival[] {
  return Array.from({ length: random.below(4) }, (_, at) => ({
    traits: drawTraits(random, connection + (at + 1) * APART),
    begins: 1 + random.below(pick(random, 10 * MS, 300 * MS, 3_000 * MS, 90_000 * MS)),
    isForged: chance(random, 0.5),
  }));
}

function drawFaults(random: Random) {
  if (chance(random, 0.3)) return { duplication: 0 };
  return {
    loss: pick(random, 0, 0.02, 0.1, 0.3),
    reordering: pick(random, 0, 0.1, 0.3),
    detour: scaled(random, MS, 100 * MS),
    duplication: pick(random, 0, 0, 0.1),
  };
}
