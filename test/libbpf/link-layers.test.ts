import { expect, test } from '@jest/globals';
import { isLoopbackKind, linkLayerOf } from '../../src/libbpf/link-layers.js';

test.each([
  ['Ethernet', 1, 'ethernet'],
  ['loopback', 772, 'ethernet'],
  ['PPP', 512, 'ip'],
  ['raw IP', 519, 'ip'],
  ['ipip', 768, 'ip'],
  ['sit', 776, 'ip'],
  ['gre', 778, 'ip'],
  ['tun', 65534, 'ip'],
  ['CAN', 280, undefined],
  ['netlink monitor', 824, undefined],
  ['Wi-Fi monitor', 803, undefined],
])('packets of %s', (_, kind, linkLayer) => {
  expect(linkLayerOf(kind)).toBe(linkLayer);
  expect(isLoopbackKind(kind)).toBe(kind === 772);
});
