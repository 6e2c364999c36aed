import { expect, test } from '@jest/globals';
import { findInterface } from '../../src/libbpf/interfaces.js';
import { linkState } from '../../src/libbpf/link-state.js';
import { listLinks } from '../../src/libbpf/links.js';

test('an interface as it is found by its name, and its counters', () => {
  const { name, index, linkLayer, isLoopback } = findInterface('lo');
  const before = linkState(index);
  const links = listLinks().filter((link) => link.index === index);
  expect(links).toEqual([
    expect.objectContaining({ name, linkLayer, isLoopback, kind: 772, alternativeNames: [] }),
  ]);
  const [link] = links;
  // Others may send meanwhile.
  expect(link?.ingress.bytes).toBeGreaterThanOrEqual(before?.ingress.bytes ?? Number.NaN);
  expect(link?.ingress.bytes).toBeLessThanOrEqual(linkState(index)?.ingress.bytes ?? Number.NaN);
});
