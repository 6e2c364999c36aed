/** What is above the table: the whole run in three lines. */

import { NOTHING_LOST } from '../format/summary.js';
import type { Side } from '../summary/sides.js';
import type { SideFigures } from '../summary/totals.js';
import { asciiText } from '../text/ascii.js';
import { significant } from '../text/units.js';
import type { Span } from './spans.js';

export interface ScreenStatus {
  readonly interface: string;
  readonly attachMethod: string;
  readonly elapsedNs: number;
  readonly packetsPerSecond: number;
  readonly rttsPerSecond: number;
  /** By cause, in words. */
  readonly losses: readonly string[];
  readonly sides: readonly SideFigures[];
  /** In force, as options. */
  readonly settings: string;
  readonly flows: number;
  readonly maxFlows: number;
}

export function headerLines(status: ScreenStatus): Span[][] {
  const { attachMethod, elapsedNs, packetsPerSecond, rttsPerSecond, losses } = status;
  const rates = `${packetsPerSecond.toFixed(0)} packets/s  ${rttsPerSecond.toFixed(0)} RTTs/s`;
  return [
    [
      [`pping ${asciiText(status.interface)}`, 'bold'],
      [` (${attachMethod})  ${elapsedText(elapsedNs)}  ${rates}  `],
      losses.length > 0 ? [losses.join(', '), 'red'] : [NOTHING_LOST, 'dim'],
    ],
    sidesLine(status),
    [[`flows ${status.flows} of ${status.maxFlows}  ${status.settings}`, 'dim']],
  ];
}

const SIDE_NAMES: Record<Side, string> = {
  beyond: '> beyond',
  behind: '< behind',
  unknown: 'direction not known',
};

function sidesLine({ sides }: ScreenStatus): Span[] {
  if (sides.length === 0) return [['no RTT yet', 'yellow']];
  const ms = (time: number) => significant(time / 1e6);
  return sides.flatMap(({ side, samples, path, beside }, index): Span[] => {
    const others = beside.map(({ kind, rtt }) => `, ${KIND_NAMES[kind]} ${ms(rtt.p50)}`);
    return [
      [`${index > 0 ? '  ' : 'whole run: '}${SIDE_NAMES[side]} `, 'dim'],
      [`p50 ${ms(path.rtt.p50)} p99 ${ms(path.rtt.p99)} ms`],
      [` (${samples}${others.join('')})`, 'dim'],
    ];
  });
}

/** What has answered, as far as it is not what the path is told by. */
const KIND_NAMES = { all: 'all', kernel: 'ACKs', data: 'data' } as const;

/** 1:02:03 */
function elapsedText(nanoseconds: number): string {
  const seconds = Math.floor(nanoseconds / 1e9);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
