/**
 * The RTTs that a watcher could tell who knew which value reflects which: the times between the first
 * packets of one wave and the next. Only where both ends spin.
 */
import type { Passage } from './connection.js';
import type { Role } from './endpoint.js';

/** In ns. */
export interface WaveRtt {
  /** Of the packet that ends it. */
  readonly time: number;
  readonly rtt: number;
  /** A whole one by what this end has sent; or half of one, from the watcher to this end and back. */
  readonly full?: Role;
  readonly half?: Role;
}

interface First {
  readonly time: number;
  readonly wave: number;
}

/** In the order in which they end. */
export function waveRtts(passages: readonly Passage[]): WaveRtt[] {
  const last: Partial<Record<Role, First>> = {};
  const rtts: WaveRtt[] = [];
  for (const { time, from, packet } of passages) {
    if (typeof packet === 'string') continue;
    const { wave } = packet;
    const own = last[from];
    if (own && wave <= own.wave) continue;
    // Wave 0 does not begin: its value was always there.
    if (own && own.wave > 0 && own.wave === wave - 1) {
      rtts.push({ time, rtt: time - own.time, full: from });
    }
    const asked = from === 'server' ? last.client : last.server;
    const reflected = from === 'server' ? wave : wave - 1;
    if (asked && reflected > 0 && asked.wave === reflected) {
      rtts.push({ time, rtt: time - asked.time, half: from });
    }
    last[from] = { time, wave };
  }
  return rtts;
}
