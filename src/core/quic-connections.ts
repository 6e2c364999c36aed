/** Connections of QUIC that were seen in both directions, by what their spin bit has turned out to be. */
import type { Counters } from './counters.js';
import type { SPIN } from './layouts.js';

export type SpinVerdict = Exclude<keyof typeof SPIN, 'not'>;
/** As people are told of them. */
export const SPIN_VERDICTS: readonly SpinVerdict[] = ['valid', 'random', 'constant', 'none'];
export type QuicConnections = Readonly<Record<SpinVerdict, number>>;

export const NO_CONNECTIONS: QuicConnections = { valid: 0, random: 0, constant: 0, none: 0 };

/** Those that are over. */
export function endedIn(counters: Counters): QuicConnections {
  return {
    valid: counters.quicEndedValid,
    random: counters.quicEndedRandom,
    constant: counters.quicEndedConstant,
    none: counters.quicEndedNone,
  };
}

/** All. @param left those that the last sweep has left */
export function connectionsIn(counters: Counters, left: QuicConnections): QuicConnections {
  const ended = endedIn(counters);
  return {
    valid: ended.valid + left.valid,
    random: ended.random + left.random,
    constant: ended.constant + left.constant,
    none: ended.none + left.none,
  };
}

export function numberOf(connections: QuicConnections): number {
  return SPIN_VERDICTS.reduce((sum, verdict) => sum + connections[verdict], 0);
}
