/** A run as the blocks of bytes that its page reads. */
import type { AggregateRun } from './aggregate-facts.js';
import { BLOCKS, type Block, type DnsFacts, type RunFacts, type Samples } from './run-facts.js';
import { encodeSeries } from './series-block.js';
import { encodeVarints } from './varint.js';

type NamedBlock = readonly [Block, Uint8Array];

/** Of RTTs that were told one by one. */
export function* blocksOf(facts: RunFacts, samples: Samples): Generator<NamedBlock> {
  yield ['facts', Buffer.from(JSON.stringify(facts))];
  for (const block of BLOCKS.rtts) yield [block, bytesOf(block, facts, samples)];
}

/** Of RTTs that were counted together. */
export function* aggregateBlocksOf({ facts, series }: AggregateRun): Generator<NamedBlock> {
  yield ['facts', Buffer.from(JSON.stringify(facts))];
  yield ['series', encodeVarints(encodeSeries(series))];
}

/** Of DNS alone: all of it is among the facts. */
export function dnsBlocksOf(facts: DnsFacts): NamedBlock[] {
  return [['facts', Buffer.from(JSON.stringify(facts))]];
}

function bytesOf(block: keyof Samples, facts: RunFacts, samples: Samples): Uint8Array {
  if (block === 'times') return encodeVarints(stepsOf(samples.times, facts.from));
  if (block === 'flags') return samples.flags;
  return encodeVarints(samples[block]);
}

const NS_PER_US = 1000;

/** Microseconds since the one before; of the first one since the start. */
function stepsOf(times: Float64Array, startMs: number): Float64Array {
  const start = startMs * 1e6;
  let before = 0;
  return times.map((time) => {
    const now = Math.max(before, Math.round((time - start) / NS_PER_US));
    const step = now - before;
    before = now;
    return step;
  });
}
