// What is to be said of pings, DNS and QUIC, with the figures behind it.
import type { Check } from './checks.js';
import type { DatagramLedger } from './datagram-ledger.js';
import { type DatagramStats, DELAY_NS, type Kind } from './datagrams.js';
import type { Summary } from './ledger.js';

export interface DatagramEvidence {
  readonly ledger: DatagramLedger;
  readonly stats: DatagramStats;
}

/** Of each kind, or nothing was put to the test. */
const LEAST = 10;
const NAMES: Readonly<Record<Kind, string>> = { icmp: 'pings', dns: 'queries', quic: 'QUIC' };
const KINDS = ['icmp', 'dns', 'quic'] as const;

/** @param evidence undefined where all is TCP */
export function datagramChecks(evidence: DatagramEvidence | undefined, summary: Summary): Check[] {
  if (!evidence) return [];
  const { ledger } = evidence;
  return [
    ...KINDS.flatMap((kind) => timesOf(kind, evidence)),
    {
      name: 'no answer of a datagram is told twice',
      isOk: ledger.twice === 0,
      detail: `${ledger.twice} are${shown(ledger)}`,
    },
    spin(ledger, summary),
    queries(summary),
    queryLines(ledger, summary),
  ];
}

/**
 * The ends know what each took, from a moment before until a moment after. Each answer tells one time at most: of the
 * way to the client, which is on this machine, nothing is told.
 */
function timesOf(kind: Kind, { ledger, stats }: DatagramEvidence): Check[] {
  const told = ledger.told[kind];
  const { asked, answered, longest, given_up: lost, again } = stats.kinds[kind];
  const isGreater = told.greatest > longest;
  const times = told.samples === 0 ? 'none' : `${ms(told.least)} to ${ms(told.greatest)} ms`;
  return [
    {
      name: `times of ${NAMES[kind]} are those of the path`,
      isOk: told.lines >= LEAST && told.least >= DELAY_NS && !isGreater,
      detail: `${times}; the server takes ${ms(DELAY_NS)} ms at least, and the longest that the client saw was ${ms(longest)} ms${isGreater ? ` (${told.greatestLine})` : ''}`,
    },
    {
      name: `there are no more times of ${NAMES[kind]} than answers`,
      isOk: answered >= LEAST && told.samples <= answered,
      detail: `${told.samples} of ${answered} answers; ${asked} asked, ${again} again, ${lost} given up`,
    },
  ];
}

function spin(ledger: DatagramLedger, { quic }: Summary): Check {
  const verdicts = quic?.spin ?? {};
  const isTold = (verdicts.valid ?? 0) >= LEAST && ledger.bySpin >= LEAST;
  return {
    name: 'RTTs by the spin bit are of ends that spin',
    isOk: isTold && ledger.wrongSpins === 0,
    detail: `${ledger.bySpin}, ${ledger.wrongSpins} of others${shown(ledger)}; ${JSON.stringify(verdicts)}`,
  };
}

/** So none waits any more either. */
function queries({ counters }: Summary): Check {
  const count = (name: string) => counters[name] ?? Number.NaN;
  const over = ['dns_answered', 'dns_ambiguous', 'dns_unanswered'].map(count);
  const sum = over.reduce((total, value) => total + value, 0);
  return {
    name: 'queries = answered + ambiguous + unanswered',
    isOk: count('dns_query') === sum && over.every((value) => value >= LEAST),
    detail: `${count('dns_query')} = ${over.join(' + ')}; ${count('dns_repeated')} sent again`,
  };
}

/** Every query that is over is a line, or counted as lost. */
function queryLines({ told, unanswered }: DatagramLedger, summary: Summary): Check {
  const { counters, dropped_lines: dropped } = summary;
  const count = (name: string) => counters[name] ?? Number.NaN;
  const missing = count('dns_answered') + count('dns_unanswered') - told.dns.lines - unanswered;
  const lost = count('flow_events_lost');
  return {
    name: 'every query is a line, or counted as lost',
    isOk: missing >= 0 && missing <= lost + dropped,
    detail: `${told.dns.lines} with a response and ${unanswered} without, ${missing} missing; ${lost} events lost, ${dropped} lines dropped`,
  };
}

function shown({ examples }: DatagramLedger): string {
  return examples.length === 0 ? '' : ` (${examples.join(' | ').slice(0, 600)})`;
}

function ms(ns: number): string {
  return (ns / 1e6).toFixed(3);
}
