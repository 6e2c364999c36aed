/** What is above the table: the whole run, and what is out of the ordinary. */

import { rcodeText } from '../format/dns-codes.js';
import { NOTHING_LOST } from '../format/summary.js';
import type { SideKey } from '../summary/by-side.js';
import { type DnsFigures, failedIn, failuresIn } from '../summary/dns.js';
import type { SideFigures } from '../summary/run-totals.js';
import type { Side } from '../summary/sides.js';
import { asciiText } from '../text/ascii.js';
import { count, percent, significant } from '../text/units.js';
import type { Paragraph, Span, Style } from './spans.js';

export interface ScreenStatus {
  /** Names of those that are watched now. */
  readonly interfaces: readonly string[];
  readonly attachMethod: string;
  readonly elapsedNs: number;
  readonly packetsPerSecond: number;
  readonly samplesPerSecond: number;
  /** By cause, in words. */
  readonly losses: readonly string[];
  readonly sides: readonly SideFigures[];
  /** Undefined where DNS is not measured. */
  readonly dns?: DnsStatus | undefined;
  /** Where RTTs are counted in the kernel, the last interval that is over. */
  readonly interval?: IntervalStatus | undefined;
  /** In force, as options: those that differ from the defaults. */
  readonly settings: readonly string[];
  readonly maps: readonly MapFill[];
}

/** What resolvers have answered since the start. */
export interface DnsStatus {
  readonly figures: DnsFigures;
  readonly responsesPerSecond: number;
  /** Whether nothing else is measured. */
  readonly isAlone: boolean;
}

export interface IntervalStatus {
  /** How long it was, in ns. */
  readonly length: number;
  readonly sides: readonly IntervalSide[];
  /** Of DNS; none where it is not measured. */
  readonly dns: readonly IntervalDns[];
  /** What is counted by itself, such as `network`. */
  readonly what: string;
}

/** Of one side, and protocol. Durations in ns. */
export interface IntervalSide extends SideKey {
  readonly samples: number;
  /** Undefined where there was no RTT. */
  readonly rtt: { readonly p50: number; readonly p99: number } | undefined;
  /** How many there are that are counted by themselves. */
  readonly parts: number;
  /** Samples for which there was no room. */
  readonly others: number;
}

/** Of the resolvers on one side. */
export interface IntervalDns {
  readonly side: Side;
  readonly figures: DnsFigures;
  /** As of IntervalSide. */
  readonly parts: number;
  /** Queries for which there was no room. */
  readonly others: number;
}

/** How full a map was at the last sweep. */
export interface MapFill {
  readonly name: string;
  readonly entries: number;
  readonly maxEntries: number;
}

/** From this share on a map is shown: the governor begins to act before it is full. */
const NEARLY_FULL = 0.8;

/** @param columns of the screen */
export function headerParagraphs(status: ScreenStatus, columns: number): Paragraph[] {
  const settings = status.settings.map((option, at) =>
    dim(`${at === 0 ? 'settings: ' : ''}${option}`),
  );
  const exceptions = [...status.maps.flatMap(fillOf), ...settings];
  return [
    { pieces: runPieces(status, columns) },
    ...(status.dns?.isAlone ? [] : sideParagraphs(status)),
    ...(status.dns ? [titled(dnsPieces(status.dns))] : []),
    ...(status.interval ? intervalParagraphs(status.interval) : []),
    ...(exceptions.length > 0 ? [{ pieces: exceptions }] : []),
  ];
}

type Pieces = Paragraph['pieces'];

/** Further lines begin where titles end. */
function titled(pieces: Pieces): Paragraph {
  return { pieces, indent: TITLE.length };
}

function runPieces(status: ScreenStatus, columns: number): Pieces {
  const { attachMethod, elapsedNs, packetsPerSecond, losses } = status;
  const lost = losses.map((text): Span[] => [[text, 'red']]);
  return [
    [[`pping ${interfacesText(status, columns)}`, 'bold'], [` (${attachMethod})`]],
    [[elapsedText(elapsedNs)]],
    [[`${packetsPerSecond.toFixed(0)} packets/s`]],
    [[rateText(status)]],
    ...(lost.length > 0 ? lost : [dim(NOTHING_LOST)]),
  ];
}

/** Of what the rows are of. */
function rateText({ samplesPerSecond, dns }: ScreenStatus): string {
  return dns?.isAlone
    ? `${dns.responsesPerSecond.toFixed(0)} responses/s`
    : `${samplesPerSecond.toFixed(0)} samples/s`;
}

/** By name, where there is room for all names beside usual figures: they do not come and go with these. */
function interfacesText({ interfaces, attachMethod }: ScreenStatus, columns: number): string {
  const number = interfaces.length;
  const names = interfaces.map(asciiText).join(', ');
  const room = columns - BESIDE_NAMES.length - attachMethod.length;
  return number === 1 || (number > 0 && names.length <= room) ? names : count(number, 'interface');
}

const BESIDE_NAMES = 'pping  ()  0:00:00  12345 packets/s  123 samples/s  no events lost';

function dim(text: string): Span[] {
  return [[text, 'dim']];
}

function fillOf({ name, entries, maxEntries }: MapFill): Span[][] {
  if (entries < NEARLY_FULL * maxEntries) return [];
  const style: Style = entries < maxEntries ? 'yellow' : 'red';
  const share = percent(entries, maxEntries);
  return [[[`${name} map ${share} full (${entries} of ${maxEntries})`, style]]];
}

/** With the protocol, where there may be several. */
function nameOf({ side, protocol }: SideKey): string {
  return protocol === undefined ? SIDE_NAMES[side] : `${SIDE_NAMES[side]} ${protocol}`;
}

const SIDE_NAMES: Record<Side, string> = {
  beyond: '> beyond',
  behind: '< behind',
  unknown: 'side unknown',
};

/** Of the whole run: a line for each side and protocol, as a rule. */
function sideParagraphs({ sides }: ScreenStatus): Paragraph[] {
  if (sides.length === 0) return [{ pieces: [[['no RTT yet', 'yellow']]] }];
  return sides.map(({ samples, path, beside, ...key }, index) => {
    const title = (index > 0 ? '' : TITLE).padEnd(TITLE.length);
    const { p50, p99 } = path.rtt;
    return titled([
      [[`${title}${nameOf(key)} `, 'dim'], [`p50 ${ms(p50)} p99 ${ms(p99)} ms`]],
      dim(count(samples, 'sample')),
      ...(beside.length > 0 ? [dim(besideText(beside))] : []),
    ]);
  });
}

const TITLE = 'whole run: ';

/** Response times are no RTTs: a line of their own says so. It is to fit 80 columns. */
function dnsPieces({ figures, isAlone }: DnsStatus): Pieces {
  const title = (isAlone ? TITLE : '').padEnd(TITLE.length);
  if (figures.responses + figures.unanswered === 0) {
    return [[[`${title}no DNS query yet`, 'yellow']]];
  }
  return dnsFigurePieces(`${title}DNS `, figures);
}

function dnsFigurePieces(title: string, figures: DnsFigures): Pieces {
  const { responses, unanswered, responseTime, rcodes } = figures;
  const times = responseTime && `p50 ${ms(responseTime.p50)} p99 ${ms(responseTime.p99)} ms`;
  return [
    [[title, 'dim'], [times ?? 'no response time']],
    dim(count(responses, 'response')),
    ...(unanswered > 0 ? [dim(`${unanswered} unanswered`)] : []),
    ...failurePieces(rcodes),
  ];
}

/** By their code, or of several together. */
function failurePieces(rcodes: DnsFigures['rcodes']): Span[][] {
  const failures = failuresIn(rcodes);
  const [first] = failures;
  if (first === undefined) return [];
  const [rcode, number] = failures.length === 1 ? first : ['failed', failedIn(rcodes)];
  return [[[`${number} ${rcodeText(rcode)}`, 'yellow']]];
}

function intervalParagraphs({ length, sides, dns, what }: IntervalStatus): Paragraph[] {
  const title = `last ${Number((length / 1e9).toFixed(1))}s: `.padEnd(TITLE.length);
  const titleAt = (index: number) => (index > 0 ? ' '.repeat(title.length) : title);
  return [
    ...sides.map((each, index) => intervalPieces(titleAt(index), each, what)),
    ...dns.map((each, index) => dnsIntervalPieces(titleAt(sides.length + index), each, what)),
  ].map(titled);
}

function intervalPieces(title: string, side: IntervalSide, what: string): Pieces {
  const { samples, rtt } = side;
  const times = rtt ? `p50 ${ms(rtt.p50)} p99 ${ms(rtt.p99)} ms` : 'no RTT';
  return [
    [[`${title}${nameOf(side)} `, 'dim'], [times]],
    dim(count(samples, 'sample')),
    ...partPieces(side, what, count(side.others, 'sample')),
  ];
}

function dnsIntervalPieces(title: string, side: IntervalDns, what: string): Pieces {
  const name = nameOf({ side: side.side, protocol: 'DNS' });
  return [
    ...dnsFigurePieces(`${title}${name} `, side.figures),
    ...partPieces(side, what, side.others === 1 ? '1 query' : `${side.others} queries`),
  ];
}

type Parts = Pick<IntervalSide, 'parts' | 'others'>;

/** @param unroomed how many others there are, in words */
function partPieces({ parts, others }: Parts, what: string, unroomed: string): Span[][] {
  return [
    ...(what === '' ? [] : [dim(count(parts, what))]),
    ...(others > 0 ? [[[`${unroomed} in others`, 'yellow']] satisfies Span[]] : []),
  ];
}

/** What has answered, as far as it is not what the path is told by. */
function besideText(beside: SideFigures['beside']): string {
  return `p50 of ${beside.map(({ kind, rtt }) => `${KIND_NAMES[kind]} ${ms(rtt.p50)}`).join(', ')}`;
}

const KIND_NAMES = { all: 'all', kernel: 'ACKs', data: 'data' } as const;

function ms(time: number): string {
  return significant(time / 1e6);
}

/** 1:02:03 */
function elapsedText(nanoseconds: number): string {
  const seconds = Math.floor(nanoseconds / 1e9);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
