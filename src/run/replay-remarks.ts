/** What there is to say of captures once they were read, for people: what could not be measured, and why. */
import { packetsIn } from '../core/counters.js';
import { occupancyAfter, type SweepResult } from '../core/sweep.js';
import { unknownSideText } from '../format/local-side.js';
import { silenceText } from '../format/silence.js';
import type { ReplayOptions } from '../options/options.js';
import type { CaptureFeed } from '../replay/feed.js';
import type { ReplaySource } from '../replay/source.js';
import { hasSelection } from '../sampling/filter.js';
import { explainSilence, type Look } from '../summary/silence.js';
import type { Totals } from '../summary/totals.js';
import { count, milliseconds } from '../text/units.js';
import type { Shutdown } from './shutdown.js';

/** A run that is over. */
export interface Replayed {
  readonly options: ReplayOptions;
  readonly source: ReplaySource;
  readonly capture: CaptureFeed;
  readonly totals: Totals;
  readonly shutdown: Pick<Shutdown, 'isReaderGone'>;
  /** By the last sweep. */
  readonly swept: SweepResult;
  /** Whether the captures were read to their end. */
  readonly isWhole: boolean;
}

/** In lines. */
export function replayRemarks(run: Replayed): string[] {
  return [
    ...run.capture.remarks,
    ...timeless(run),
    ...backwards(run),
    ...unread(run),
    ...unknownSide(run),
    ...silence(run),
  ];
}

/** Whether there were packets that have no time, or cannot be read. */
export function isAnyLeftOut({ capture, source }: Pick<Replayed, 'capture' | 'source'>): boolean {
  return capture.remarks.length > 0 || source.core.progress.timeless > 0;
}

function timeless({ source }: Replayed): string[] {
  const { timeless: packets } = source.core.progress;
  if (packets === 0) return [];
  return [`${count(packets, 'packet')} left out: dated before 1970 or far in the future`];
}

function backwards({ capture, source }: Replayed): string[] {
  const { backwards: packets, furthest } = source.core.progress;
  if (packets === 0) return [];
  return [
    `${count(packets, 'packet')} out of time order in the ${nounOf(capture)}, by up to ${milliseconds(Number(furthest))}`,
  ];
}

/** Where the summary is of a part alone: pping -r x | head. */
function unread({ capture, shutdown, source, isWhole }: Replayed): string[] {
  if (isWhole || !shutdown.isReaderGone) return [];
  const packets = count(packetsIn(source.counters()), 'packet');
  return [`the reader left after ${packets}; the rest of the ${nounOf(capture)} was not read`];
}

/** Where --local does not tell the sides of all. */
function unknownSide({ options, totals }: Replayed): string[] {
  const unknown = totals
    .distributions()
    .filter(({ side, samples }) => side === 'unknown' && samples > 0);
  if (options.local.length === 0 || unknown.length === 0) return [];
  const samples = unknown.reduce((sum, each) => sum + each.samples, 0);
  return [unknownSideText(samples, totals.samples)];
}

/** Why there is no RTT, where there is none. */
function silence(run: Replayed): string[] {
  const { capture, isWhole, totals } = run;
  if (packetsIn(run.source.core.counters()) === 0) return isAnyLeftOut(run) ? [] : [emptiness(run)];
  const explained = totals.reported === 0 ? explainSilence(lookAt(run)) : undefined;
  const these = capture.isSeveral ? 'these captures' : 'this capture';
  const where = isWhole ? `in ${these}` : `in the part of ${these} that was read`;
  return explained ? [silenceText(explained, where)] : [];
}

function emptiness({ capture, isWhole }: Replayed): string {
  if (!isWhole) return 'no packets read';
  return `${capture.name} ${capture.isSeveral ? 'have' : 'has'} no packets`;
}

function lookAt({ options, source, swept, totals }: Replayed): Look {
  const { tunnels, measured, filter } = options;
  return {
    counters: source.core.counters(),
    source: 'capture',
    tunnels,
    others: measured.areProtocolsTold,
    asked: measured.protocols,
    isByProtocolAlone: !hasSelection(filter),
    flows: occupancyAfter(swept).flows,
    flowsWaiting: swept.flowsWaiting,
    opened: totals.flows,
  };
}

function nounOf(capture: CaptureFeed): string {
  return capture.isSeveral ? 'captures' : 'capture';
}
