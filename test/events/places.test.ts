/** What places stand for: entries of the core's table, one within the other. */
import { expect, test } from '@jest/globals';
import { PLACE, TUNNEL } from '../../src/core/layouts.js';
import { PLACES_BYTES, surroundingsIn } from '../../src/events/places.js';

/** Entries at 0, 1, 2, ..., each within the one before it. */
function tableOf(...entries: readonly bigint[]): DataView {
  const table = new DataView(new ArrayBuffer(PLACES_BYTES));
  entries.forEach((entry, index) => {
    const around = index === 0 ? 0n : BigInt(PLACE.entries + index - 1);
    table.setBigUint64(index * 8, entry | (around << BigInt(PLACE.aroundShift)), true);
  });
  return table;
}

const tunnel = (code: number, id?: bigint) =>
  (BigInt(code) << BigInt(PLACE.tunnelShift)) |
  (id === undefined ? 0n : id | (1n << BigInt(PLACE.hasIdShift)));
const vlans = (outer: bigint, inner = 0n) => outer | (inner << BigInt(PLACE.vlanIdBits));

test('the deepest that there can be is told whole', () => {
  const { session, vxlan, geneve, vlans: within } = TUNNEL;
  const entries = [
    vlans(10n),
    tunnel(session),
    tunnel(vxlan, 1n),
    tunnel(within, vlans(20n)),
    tunnel(geneve, 0xff_ffffn),
    tunnel(within, vlans(30n, 40n)),
  ];
  const place = PLACE.entries + entries.length - 1;
  expect(surroundingsIn(tableOf(...entries), place)).toEqual({
    vlans: { outer: 10, inner: 40 },
    tunnels: [
      { name: 'vxlan', id: 1 },
      { name: 'geneve', id: 0xff_ffff },
    ],
  });
});

test('an interface, and a place that found no room, stand for nothing', () => {
  expect(surroundingsIn(tableOf(), 7)).toBeUndefined();
  expect(surroundingsIn(tableOf(), PLACE.crowded)).toBeUndefined();
});
