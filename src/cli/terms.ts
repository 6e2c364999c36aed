/** How a run meets the world: its output, its colours, its words. */
import { isatty } from 'node:tty';
import { durationText } from '../format/units.js';
import { STDOUT } from '../sink/output.js';
import { openOutput, Sink } from '../sink/sink.js';
import type { RunOptions } from './options.js';

/** A failed write is told once. */
export function openSink(
  { output }: RunOptions,
  { onBrokenPipe, onError }: { onBrokenPipe(): void; onError?(message: string): void },
): Sink {
  let told = false;
  return new Sink(openOutput(output), {
    onBrokenPipe,
    onError: (message) => {
      if (!told) tell(message);
      told = true;
      onError?.(message);
    },
  });
}

export function isColorWanted({ color, output }: RunOptions): boolean {
  if (!color || process.env.NO_COLOR) return false;
  return output === undefined && isatty(STDOUT);
}

/** How often is sampled, in words. */
export function rateText({ settings: { rate, rttRate, rttType } }: RunOptions): string {
  const fixed =
    rate === 0n
      ? 'every identifier'
      : `at most one sample per flow direction and ${durationText(rate)}`;
  if (rttRate === 0n) return fixed;
  return `${fixed} until its RTT is known, then per ${Number(rttRate) / 1000} x ${rttType} RTT`;
}

/** For people; never among the data. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
