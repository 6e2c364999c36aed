// What an RTT costs that the kernel counts (--aggregate), against one that it tells: its programs, and the reader's CPU.
// 5 samples of each connection in 10 s, made in the kernel; what is measured is all but the making. 100,000 connections
// are more than the reader keeps the text of: 50,000 tell what that costs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DrivenKernel, WHAT } from '../lab/kernel/drivers.js';
import { aggregateIn, MINUTE, SECOND } from '../lab/kernel/kernel.js';
import { Random } from '../lab/random.js';
import { RecordView } from '../src/events/view.js';
import { Clock } from '../src/format/clock.js';
import { createFormatter } from '../src/format/formats.js';
import { Ending } from '../src/run/ending.js';
import { FormattedOutput } from '../src/run/formatted-output.js';
import { Pump } from '../src/run/pump.js';
import { type Aggregation, NO_AGGREGATION } from '../src/sampling/aggregation.js';
import { FileSink } from '../src/sink/file-sink.js';
import { Aggregates } from '../src/summary/aggregates.js';
import { Totals } from '../src/summary/totals.js';
import { number, printTable } from './figures.js';
import { median, ratioInterval } from './statistics.js';

const ROUNDS = 6;
const SIZES = [50_000, 100_000];
/** Samples of each flow in an interval. */
const TIMES = 5;
/** So many flows at a time: what they tell finds room in the ring buffer. */
const PORTION = 25_000;
/** Not counted: flows are met, and code is compiled. */
const WARM_UP_INTERVALS = 1;
const INTERVALS = 1;
const LONGEST_RTT = 50_000_000;

const MODES = ['events', 'by prefix', 'by host'] as const;
type Mode = (typeof MODES)[number];

/** For each sample. */
interface Cost {
  /** The programs, from the answer's arrival on: matched, and told or counted. */
  readonly kernelNs: number;
  /** CPU time of this process, all threads: read, count, format, write. */
  readonly readerNs: number;
  readonly bytes: number;
}

const [mode, size] = process.argv.slice(2);
if (mode === undefined) for (const flows of SIZES) compare(flows);
else process.stdout.write(JSON.stringify(await measure(mode as Mode, Number(size))));

/** Each round in a process of its own: where maps come to lie makes some per cent. */
function compare(flows: number): void {
  const script = process.argv[1] ?? '';
  const costs = new Map<Mode, Cost[]>(MODES.map((each) => [each, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const each of round % 2 === 0 ? MODES : MODES.toReversed()) {
      const text = execFileSync(process.execPath, [script, each, `${flows}`], { encoding: 'utf8' });
      costs.get(each)?.push(JSON.parse(text) as Cost);
    }
  }
  const rows = MODES.map((each) => {
    const of = (field: keyof Cost) => (costs.get(each) ?? []).map((cost) => cost[field]);
    const against = (field: keyof Cost) => ratioText(costs, each, field);
    return [
      each,
      number(median(of('kernelNs'))),
      against('kernelNs'),
      number(median(of('readerNs'))),
      against('readerNs'),
      number(median(of('bytes'))),
    ];
  });
  const header = ['', 'kernel, ns', 'of events', 'reader, ns', 'of events', 'output, bytes'];
  const what = `${flows} connections, ${flows * TIMES} samples in 10 s`;
  printTable(`Aggregates: for each sample; ${what}, ${ROUNDS} rounds`, header, rows);
}

function ratioText(costs: ReadonlyMap<Mode, Cost[]>, each: Mode, field: keyof Cost): string {
  if (each === 'events') return '';
  const base = costs.get('events') ?? [];
  const ratios = (costs.get(each) ?? []).map((cost, at) => cost[field] / (base[at]?.[field] ?? 0));
  const { value, low, high } = ratioInterval(ratios);
  return `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

async function measure(of: Mode, flows: number): Promise<Cost> {
  const aggregation = aggregationOf(of);
  const kernel = new DrivenKernel(
    { rate: 0n, includeLocal: true, flowTimeout: 60n * MINUTE },
    { flows: 131_072, timestamps: 131_072 },
    (object) => aggregateIn(object, aggregation),
  );
  const folder = mkdtempSync(join(tmpdir(), 'pping-aggregates-'));
  const path = join(folder, 'out.ndjson');
  const reader = readerTo(path, kernel, aggregation);
  const samples = flows * TIMES * INTERVALS;
  let [kernelNs, cpuUs, before] = [0, 0, 0];
  for (let interval = 0; interval < WARM_UP_INTERVALS + INTERVALS; interval++) {
    if (interval === WARM_UP_INTERVALS) {
      [kernelNs, cpuUs] = [0, 0];
      before = statSync(path).size;
    }
    for (const answer of answersIn(kernel, flows, interval)) {
      kernelNs += answer();
      cpuUs += await cpuOf(reader.read);
    }
    cpuUs += await cpuOf(() => reader.end(kernel.now));
  }
  await reader.close();
  const bytes = statSync(path).size - before;
  rmSync(folder, { recursive: true });
  kernel.close();
  return {
    kernelNs: kernelNs / samples,
    readerNs: (cpuUs * 1_000) / samples,
    bytes: bytes / samples,
  };
}

function aggregationOf(of: Mode): Aggregation {
  if (of === 'events') return NO_AGGREGATION;
  const interval = 10n * SECOND;
  return of === 'by prefix'
    ? { ...NO_AGGREGATION, interval }
    : { ...NO_AGGREGATION, interval, bitsV4: 32, most: 131_072 };
}

/** Each has data sent, and then, when it is called, answered. @returns ns that took */
function* answersIn(kernel: DrivenKernel, all: number, interval: number): Generator<() => number> {
  const random = new Random(interval + 1);
  for (let time = 0; time < TIMES; time++) {
    const identifier = 1 + interval * TIMES + time;
    for (let first = 0; first < all; first += PORTION) {
      const rtt = BigInt(1_000_000 + random.below(LONGEST_RTT));
      const flows = { first, count: PORTION, servers: true, identifier, rtt };
      kernel.at(BigInt(identifier) * 2n * SECOND).drive({ ...flows, what: WHAT.request });
      yield () => {
        const start = process.hrtime.bigint();
        kernel.drive({ ...flows, what: WHAT.answer });
        return Number(process.hrtime.bigint() - start);
      };
    }
  }
}

async function cpuOf(work: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

interface Reader {
  /** What has been told. */
  readonly read: () => Promise<void>;
  /** What has been counted in the interval. */
  readonly end: (at: bigint) => Promise<void>;
  readonly close: () => Promise<void>;
}

function readerTo(path: string, kernel: DrivenKernel, aggregation: Aggregation): Reader {
  const totals = new Totals();
  const view = new RecordView();
  const sink = new FileSink(openSync(path, 'w'), {
    onBrokenPipe: () => {},
    onError: (message) => console.error(message),
    onRecovery: () => {},
    onRemoved: () => {},
  });
  const clock = new Clock(1_700_000_000_000_000_000n);
  const formatter = createFormatter('ndjson', { clock, interface: 'eth0', color: false });
  const output = new FormattedOutput(formatter, sink, false);
  const count = Number.POSITIVE_INFINITY;
  const ending = new Ending({ totals, count, conditions: [], onEnough: () => {} });
  const pump = new Pump({ consumers: [totals, output], ending });
  const { signal } = new AbortController();
  const length = aggregation.interval ?? 0n;
  const figures = new Aggregates(aggregation, 'beyond');
  return {
    read: async () => {
      kernel.drain((bytes, offset, size) => pump.accept(view.at(bytes, offset, size)));
      pump.flush();
      await sink.room(signal);
    },
    end: async (timestamp) => {
      if (length === 0n) return;
      const aggregates = await kernel.aggregates();
      pump.acceptAggregates(aggregates);
      for (const { parts } of figures.take(aggregates)) {
        for (const [at, part] of parts.entries()) {
          pump.notice({ type: 'aggregate', timestamp, length, figures: part });
          if (at % 1_000 === 0) pump.flush();
          if (at % 1_000 === 0) await sink.room(signal);
        }
      }
      pump.flush();
      await sink.room(signal);
    },
    close: () => sink.close(),
  };
}
