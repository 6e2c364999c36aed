// What a fault is, and what it can reach.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../lab/random.js';
import type { Churn } from '../churn.js';
import type { Ground } from '../ground.js';
import type { Monitor } from '../monitor.js';
import type { Output } from '../output.js';

export interface World {
  readonly ground: Ground;
  readonly churn: Churn;
  /** Connections per second while there is no fault in that. */
  readonly rate: number;
  /** Of the one that has to survive. */
  readonly maxFlows: number;
  /** The one that has to survive. */
  readonly monitor: Monitor;
  readonly output: Output;
  readonly random: Random;
  readonly aftermath: Aftermath;
}

/** What faults leave behind to be judged at the end. */
export interface Aftermath {
  /** How often the interface was down. */
  downs: number;
  /** How often more connections were opened than there is room for, while nothing was swept. */
  presses: number;
  /** Connections opened while packets could not pass, or just after. */
  openedInVain: number;
  /** The programs of monitors that have ended. */
  readonly programs: number[];
  /** Monitors beside that did not end as they should have, and an output that was not opened anew, in words. */
  readonly wrongEnds: string[];
  /** How long it took to notice that a filter was gone, in ms; the longest. */
  longestNotice: number;
}

export function newAftermath(): Aftermath {
  return {
    downs: 0,
    presses: 0,
    openedInVain: 0,
    longestNotice: 0,
    programs: [],
    wrongEnds: [],
  };
}

export interface Fault {
  readonly name: string;
  /** Resolves with what was done, in words, when it is over. */
  run(world: World): Promise<string>;
}

/** From `least` to `most` milliseconds. @returns how many */
export async function pause(random: Random, least: number, most: number): Promise<number> {
  const milliseconds = least + random.below(most - least + 1);
  await sleep(milliseconds);
  return milliseconds;
}
