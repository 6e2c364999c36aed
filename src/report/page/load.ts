/** The run out of the page's own blocks. */
import type { AggregateFacts, AggregateRun } from '../aggregate-facts.js';
import { BLOCKS, type Block, type DnsFacts, type RunFacts } from '../run-facts.js';
import { decodeSeries } from '../series-block.js';
import { countVarints, decodeVarints } from '../varint.js';
import type { LoadedRun } from './scope.js';

const US_PER_MS = 1000;

export async function loadRun(): Promise<LoadedRun | AggregateRun | DnsFacts> {
  const facts = JSON.parse(new TextDecoder().decode(await inflated('facts')));
  if (facts.kind === 'dns') return facts;
  return facts.kind === 'aggregates' ? loadAggregates(facts) : loadRtts(facts);
}

async function loadRtts(facts: RunFacts): Promise<LoadedRun> {
  const [times, rtts, peers, flags] = await Promise.all(BLOCKS.rtts.map(inflated));
  if (!times || !rtts || !peers || !flags) throw new Error('a part of it is missing');
  const samples = {
    times: new Float64Array(facts.rtts),
    rtts: new Float64Array(facts.rtts),
    peers: new Uint32Array(facts.rtts),
    flags,
  };
  decodeVarints(times, samples.times);
  toTimes(samples.times, facts.from);
  decodeVarints(rtts, samples.rtts);
  decodeVarints(peers, samples.peers);
  return { facts, samples };
}

async function loadAggregates(facts: AggregateFacts): Promise<AggregateRun> {
  const bytes = await inflated('series');
  const numbers = new Float64Array(countVarints(bytes));
  decodeVarints(bytes, numbers);
  return { facts, series: decodeSeries(numbers) };
}

async function inflated(block: Block): Promise<Uint8Array> {
  const source = document.getElementById(block);
  const bytes = Uint8Array.from(atob(source?.textContent ?? ''), (unit) => unit.charCodeAt(0));
  // It is not needed again, and may be large.
  source?.remove();
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** In place: from microseconds since the one before. */
function toTimes(steps: Float64Array, start: number): void {
  let sinceStart = 0;
  for (let index = 0; index < steps.length; index++) {
    sinceStart += steps[index] as number;
    steps[index] = start + sinceStart / US_PER_MS;
  }
}
