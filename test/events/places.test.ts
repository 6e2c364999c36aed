/** What places stand for: entries of the core's table, one within the other. */
import { expect, test } from '@jest/globals';
import { PLACE, TUNNEL } from '../../src/core/layouts.js';
import { interfaceIn, PLACES_BYTES, surroundingsIn } from '../../src/events/places.js';

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

test('an interface that is none of its own place is found at the bottom of what is around it', () => {
  const at = (index: bigint) => index << BigInt(PLACE.interfaceShift);
  const entries = [
    at(0xffff_ffffn) | vlans(4_094n, 4_093n),
    tunnel(TUNNEL.session),
    tunnel(TUNNEL.vxlan, 0xff_ffffn),
    tunnel(TUNNEL.vlans, vlans(20n)),
    tunnel(TUNNEL.geneve, 0xffff_ffffn),
    tunnel(TUNNEL.vlans, vlans(30n)),
  ];
  const table = tableOf(...entries);
  const places = entries.map((_, index) => PLACE.entries + index);
  expect(new Set(places.map((place) => interfaceIn(table, place)))).toEqual(new Set([0xffff_ffff]));
  expect(surroundingsIn(table, PLACE.entries)?.vlans).toEqual({ outer: 4_094, inner: 4_093 });
});

test('an interface alone is its place, and one of a tunnel is that around it', () => {
  const table = tableOf();
  const around = BigInt(PLACE.crowded - 1) << BigInt(PLACE.aroundShift);
  table.setBigUint64(0, around | tunnel(TUNNEL.gre, 7n), true);
  expect(interfaceIn(table, 1)).toBe(1);
  expect(interfaceIn(table, PLACE.crowded - 1)).toBe(PLACE.crowded - 1);
  expect(interfaceIn(table, PLACE.entries)).toBe(PLACE.crowded - 1);
});

test('of what found no room, and of a tunnel in it, no interface is known', () => {
  const table = tableOf();
  const around = BigInt(PLACE.crowded) << BigInt(PLACE.aroundShift);
  table.setBigUint64(0, around | tunnel(TUNNEL.gre, 7n), true);
  expect(interfaceIn(table, PLACE.crowded)).toBeUndefined();
  expect(interfaceIn(table, PLACE.entries)).toBeUndefined();
});

test('a table that leads in a circle, as none does, ends', () => {
  const table = tableOf();
  const itself = BigInt(PLACE.entries) << BigInt(PLACE.aroundShift);
  table.setBigUint64(0, itself | tunnel(TUNNEL.gre, 7n), true);
  expect(interfaceIn(table, PLACE.entries)).toBeUndefined();
});
