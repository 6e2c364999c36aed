import { serverAddresses } from '../endpoints.js';
import { kernelRtts } from '../kernel-rtt.js';
import type { LabPath } from '../path.js';
import { pause } from '../traffic/pause.js';

interface Step {
  /** One way. */
  readonly delayUs: number;
  readonly ms: number;
}

/** The path as it was during one step. */
export interface Seen {
  readonly addedMs: number;
  /** The kernel's own measurement late in the step; undefined when there was none. */
  readonly kernelMs: number | undefined;
}

const LOOKS = 5;
const LOOK_MS = 200;

/** The first step is longer: pping takes a moment to start. The last one lasts to its end. */
export const schedule = [
  { delayUs: 5_000, ms: 3_500 },
  { delayUs: 12_000, ms: 2_500 },
  { delayUs: 25_000, ms: 2_500 },
  { delayUs: 40_000, ms: 2_500 },
  { delayUs: 12_000, ms: 2_500 },
  { delayUs: 5_000, ms: 2_500 },
] as const satisfies readonly Step[];

/** Takes the path through the steps, for as long as the signal is not aborted. */
export async function followSchedule(
  path: LabPath,
  running: AbortSignal,
  say: (text: string) => void,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const { delayUs, ms } of schedule) {
    if (running.aborted) break;
    const addedMs = (2 * delayUs) / 1_000;
    await path.setDelay(delayUs);
    say(`-- the path now adds ${addedMs} ms round trip`);
    await pause(ms - LOOKS * LOOK_MS, running);
    seen.push({ addedMs, kernelMs: await kernelMs(path, running) });
  }
  return seen;
}

/** The kernel smooths over about a second, stalls of the machine included: hence the median. */
async function kernelMs(path: LabPath, running: AbortSignal): Promise<number | undefined> {
  const samples: number[] = [];
  for (let taken = 0; taken < LOOKS && !running.aborted; taken++) {
    const rtts = await kernelRtts(path.client, serverAddresses.ipv4).catch(() => []); // Ctrl-C
    samples.push(...rtts.map(({ smoothedUs }) => smoothedUs));
    await pause(LOOK_MS, running);
  }
  const median = samples.sort((a, b) => a - b)[(samples.length - 1) >> 1];
  return median === undefined ? undefined : median / 1_000;
}
