/** Who or what keeps packets from pping, for people. */
import type { Hook, Predecessor } from '../core/hooks.js';
import { placeText } from '../events/places.js';
import { asciiText } from '../text/ascii.js';
import { byteCount, count } from '../text/units.js';
import type { Hidden, HidingCause, Predecessors, Sighting } from '../visibility/sightings.js';

/** One line. */
export function sightingText(sighting: Sighting): string {
  const { hook, predecessors } = sighting;
  const on = `on ${hook} of ${asciiText(placeText(sighting))}`;
  const who = predecessorsText(predecessors);
  if (sighting.change === 'moved') {
    return `${who} ran before pping ${on}; pping now runs first and sees every packet${MOVED_TEXTS[hook]}`;
  }
  if (sighting.change === 'preceded') {
    return `${who} ${runs(predecessors)} before pping ${on}; packets that stop there are not seen`;
  }
  const { seenPackets, packets, bytes, seconds } = sighting;
  const carried = `${count(packets, 'packet')} (${byteCount(bytes)})`;
  return `hidden ${on}: in ${seconds} s the interface counted ${carried} and pping ${seenPackets}: ${CAUSE_TEXTS[sighting.cause](sighting)}`;
}

/** To be added to a line; empty where nobody is in front. */
export function inFrontText(predecessors: Predecessors): string {
  const hooks = (['egress', 'ingress'] as const).filter((hook) => predecessors[hook].length > 0);
  if (hooks.length === 0) return '';
  const each = hooks.map((hook) => `${predecessorsText(predecessors[hook])} on ${hook}`);
  return `; running before pping: ${each.join(', ')}`;
}

/** What follows from the new place. */
const MOVED_TEXTS: Record<Hook, string> = {
  ingress: '',
  egress: ', with the addresses from before any NAT there',
};

const CAUSE_TEXTS: Record<HidingCause, (hidden: Hidden) => string> = {
  program: ({ predecessors }) =>
    `${predecessorsText(predecessors)} ${runs(predecessors)} first and ${predecessors.length > 1 ? 'stop' : 'stops'} them`,
  xdp: ({ hook, xdp }) =>
    `XDP program ${xdp} ${hook === 'ingress' ? 'takes them before tc' : 'sends them without tc'}`,
  hardware: () => 'it is a switch port, and the hardware forwards packets without Linux',
  unknown: () => 'something bypasses tc, such as hardware offload, AF_XDP or a packet generator',
};

/** TCX program 12 (cil_from_netdev), filter of pref 1 (flower). */
export function predecessorsText(predecessors: readonly Predecessor[]): string {
  return predecessors.map(predecessorText).join(', ');
}

function predecessorText({ programId, name, priority }: Predecessor): string {
  const what = priority === undefined ? `TCX program ${programId}` : `filter of pref ${priority}`;
  return name === '' ? what : `${what} (${asciiText(name)})`;
}

function runs(predecessors: readonly Predecessor[]): string {
  return predecessors.length > 1 ? 'run' : 'runs';
}
