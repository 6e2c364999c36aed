/** Which RTTs tell the path, as in the summary. */
import { type PathKind, pathKindOf } from '../../summary/path-kind.js';
import { percentile } from './statistics.js';

export interface PathRtts {
  readonly kind: PathKind;
  /** Ascending. */
  readonly sorted: Float64Array;
}

/** @param kernel and data, each ascending */
export function pathOf(kernel: Float64Array, data: Float64Array): PathRtts {
  const rtts = { kernel, data };
  const kind = pathKindOf({ kernel: kernel.length, data: data.length }, (each) =>
    percentile(rtts[each], 50),
  );
  return { kind, sorted: kind === 'all' ? merged(kernel, data) : rtts[kind] };
}

/** Both ascending, and so is what they become. */
export function merged(one: Float64Array, other: Float64Array): Float64Array {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  const both = new Float64Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both.sort();
}
