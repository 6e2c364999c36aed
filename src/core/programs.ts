/** What the programs are called. */
import type { Hook } from './hooks.js';

/** What packets of interfaces that can be watched begin with. */
export type WatchedLink = 'ethernet' | 'ip';

/** Those that watch interfaces. */
export const WATCHING: Readonly<Record<WatchedLink, Readonly<Record<Hook, string>>>> = {
  ethernet: { egress: 'pping_egress', ingress: 'pping_ingress' },
  ip: { egress: 'pping_egress_ip', ingress: 'pping_ingress_ip' },
};
export const SWEEP = 'pping_sweep';
/** Only where RTTs are aggregated. */
export const COUNT_TRAFFIC = 'pping_traffic';

/** Only where owners are known: sees sockets as they open. */
export const NOTE_SOCKETS = 'pping_sockets';
/** Likewise: finds who listens already. */
export const NOTE_LISTENERS = 'pping_listeners';
/** Likewise: list the flows that nothing has told whose they are, and take what has been found out about them. */
export const LIST_UNOWNED = 'pping_unowned';
export const DECIDE_UNOWNED = 'pping_decide';
/** Likewise: sees who makes sockets of other protocols than TCP; attached where these are measured. */
export const NOTE_MAKERS = 'pping_makers';
/** In place of the one that sees sockets as they open, where that cannot be attached: loaded only then. */
export const NOTE_STATES = 'pping_states';

const OF_OWNERS = [NOTE_SOCKETS, NOTE_LISTENERS, NOTE_MAKERS, LIST_UNOWNED, DECIDE_UNOWNED];

/** BPF_OBJ_NAME_LEN, without the 0 at the end: the kernel keeps no more of a name. */
const NAME_LENGTH = 15;

/** Of all, those that such interfaces take. */
export function programsFor(
  links: readonly WatchedLink[],
  areAggregated: boolean,
  areOwnersKnown = false,
): string[] {
  return [
    ...links.flatMap((link) => Object.values(WATCHING[link])),
    SWEEP,
    ...(areAggregated ? [COUNT_TRAFFIC] : []),
    ...(areOwnersKnown ? OF_OWNERS : []),
  ];
}

/** Those that see packets at a hook, as the kernel calls them. */
export function namesAt(hook: Hook): string[] {
  return Object.values(WATCHING).map((names) => names[hook].slice(0, NAME_LENGTH));
}
