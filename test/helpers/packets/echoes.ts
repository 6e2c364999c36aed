/** Pings, and what answers them. */
import { echoFrame } from '../../../lab/kernel/packets.js';
import type { Random } from '../../../lab/random.js';
import { AROUND_4, AROUND_6 } from './traffic.js';

const PINGED = [
  ['10.0.0.1', '10.0.0.2', AROUND_4],
  ['fd00::1', 'fd00::2', AROUND_6],
] as const;

/** Of few flows and few sequence numbers, so that what is sent meets what was. */
export function echo(random: Random): Buffer {
  const [client, server, all] = PINGED[random.below(PINGED.length)] ?? PINGED[0];
  const both = { id: random.below(3), sequence: random.below(40), payload: 2 * random.below(30) };
  const around = all[random.below(all.length)] ?? {};
  return random.below(2) === 0
    ? echoFrame(client, server, { kind: 'request', ...both }, around)
    : echoFrame(server, client, { kind: 'reply', ...both }, around);
}
