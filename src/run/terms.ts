/** How a run meets the world: its output, its colours, its words. */

import { isatty } from 'node:tty';
import { messageOf } from '../faults.js';
import { conditionText } from '../format/condition.js';
import type { RunOptions } from '../options/options.js';
import { openOutput, reopenOutput, Sink } from '../sink/sink.js';
import { STDOUT } from '../stdio/descriptors.js';
import { ConditionWatch } from '../summary/condition.js';
import { asciiText, harmless } from '../text/ascii.js';
import { count, durationText } from '../text/units.js';
import type { Shutdown } from './shutdown.js';

/** What --until has waited for has happened. */
const EXIT_CONDITION = 10;
/** Of messages, where nobody reads standard error. */
const MAX_UNREAD = 1 << 20;
let untold = 0;

export interface SinkTerms {
  onBrokenPipe(): void;
  onError?(message: string): void;
  /** Where people are told; standard error. */
  readonly say?: ((text: string) => void) | undefined;
}

/**
 * Writes that fail are told once for each reason, until they succeed again.
 * @param fd of the output, where it is open by now
 */
export function openSink(
  { output }: RunOptions,
  { onBrokenPipe, onError, say = tell }: SinkTerms,
  fd = openOutput(output),
): Sink {
  let told = '';
  const sink = new Sink(fd, {
    onBrokenPipe,
    onError: (message) => {
      if (message !== told) say(message);
      told = message;
      onError?.(message);
    },
    onRecovery: () => {
      told = '';
      say(recoveryText(sink.dropped));
    },
    onRemoved: () => say(removalText(output)),
  });
  return sink;
}

function recoveryText(dropped: number): string {
  const missing = dropped === 0 ? 'nothing is missing' : `${count(dropped, 'line')} missing so far`;
  return `the output can be written again: ${missing}`;
}

/** Standard output may be a file, too. */
function removalText(output: string | undefined): string {
  if (output === undefined) return 'the output was removed: what it has is gone when this run ends';
  return `${asciiText(output)} was removed: what it has is gone when this run ends; SIGHUP makes it anew`;
}

/**
 * SIGHUP: a file is opened anew, as whoever has moved it away expects; what goes to a terminal
 * ends with it. All others that end a program end the run.
 * @returns what undoes this
 */
export function onSignals(
  { output }: RunOptions,
  shutdown: Shutdown,
  sink: Sink,
  say: (text: string) => void = tell,
): () => void {
  if (output === undefined) return shutdown.onSignals(['SIGHUP', 'SIGINT', 'SIGTERM']);
  const undo = shutdown.onSignals(['SIGINT', 'SIGTERM']);
  const reopen = () => {
    try {
      sink.reopen(reopenOutput(output));
    } catch (error) {
      say(`${asciiText(messageOf(error))}; going on with the file that is open`);
    }
  };
  process.on('SIGHUP', reopen);
  return () => {
    undo();
    process.off('SIGHUP', reopen);
  };
}

/** Whatever ends the process in the middle of a run, but for SIGKILL. @returns what undoes this */
export function onExit(leave: () => void): () => void {
  process.once('exit', leave);
  return () => process.off('exit', leave);
}

/** For when there will be no summary to say it. */
export function tellUnwritten({ unwritten }: Sink): void {
  if (unwritten > 0) tell(`up to ${count(unwritten, 'line')} not written`);
}

/** What may end the run, each watched by itself. */
export function conditionsOf({ until }: RunOptions): readonly ConditionWatch[] {
  return until.map((condition) => new ConditionWatch(condition));
}

/** Tells of a condition that has come true. @returns the exit code */
export function outcomeOf(conditions: readonly ConditionWatch[]): number {
  const met = conditions.find(({ isMet }) => isMet);
  if (!met) return 0;
  tell(`ended: ${conditionText(met)}`);
  return EXIT_CONDITION;
}

export function isColorWanted({ color, output }: RunOptions): boolean {
  if (!color || process.env.NO_COLOR) return false;
  return output === undefined && isatty(STDOUT);
}

/** How often is sampled, in words. */
export function rateText({ settings }: Pick<RunOptions, 'settings'>): string {
  const { rate, rttRate, rttType, burst } = settings;
  const most = burst
    ? `at most ${burst.count} samples (within ${durationText(burst.duration)})`
    : 'at most one sample';
  const fixed =
    rate === 0n ? 'every identifier' : `${most} per flow direction and ${durationText(rate)}`;
  if (rttRate === 0n) return fixed;
  return `${fixed} until its RTT is known, then per ${Number(rttRate) / 1000} x ${rttType} RTT`;
}

/** For people; never among the data. Who does not read is told later how much it has missed. */
export function tell(text: string): void {
  if (process.stderr.writableLength > MAX_UNREAD) {
    untold++;
    return;
  }
  if (untold > 0) process.stderr.write(`${count(untold, 'message')} left out\n`);
  untold = 0;
  process.stderr.write(`${harmless(text)}\n`);
}
