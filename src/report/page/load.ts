/** The run out of the page's own blocks. */
import { BLOCKS, type Block, type RunFacts } from '../run-facts.js';
import { decodeVarints } from '../varint.js';
import type { LoadedRun } from './scope.js';

const US_PER_MS = 1000;

export async function loadRun(): Promise<LoadedRun> {
  const [facts, times, rtts, peers, flags] = await Promise.all(BLOCKS.map(inflated));
  if (!facts || !times || !rtts || !peers || !flags) throw new Error('a part of it is missing');
  const run = JSON.parse(new TextDecoder().decode(facts)) as RunFacts;
  const samples = {
    times: new Float64Array(run.rtts),
    rtts: new Float64Array(run.rtts),
    peers: new Uint32Array(run.rtts),
    flags,
  };
  decodeVarints(times, samples.times);
  toTimes(samples.times, run.from);
  decodeVarints(rtts, samples.rtts);
  decodeVarints(peers, samples.peers);
  return { facts: run, samples };
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
