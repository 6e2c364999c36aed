import { expect, test } from '@jest/globals';
import { KernelError } from '../../src/libbpf/errors.js';
import { findInterface } from '../../src/libbpf/interfaces.js';
import { listQdiscs } from '../../src/libbpf/qdiscs.js';
import { holdingAmong } from '../../src/live/departures.js';

const WATCHED = 2;
const OTHER = 3;

test.each([
  [['fq'], [], true],
  [['mq', 'fq', 'fq'], [], true],
  [['htb', 'fq', 'pfifo'], ['fq_codel'], true],
  [['clsact', 'fq'], [], true],
  [['fq_codel'], ['fq'], false],
  [['mq', 'fq_codel', 'fq_codel', 'clsact'], ['mq', 'fq'], false],
  [['fq_pie'], [], false],
  [['noqueue'], ['fq'], true],
  [['noqueue', 'clsact'], ['mq', 'fq'], true],
  [['noqueue'], ['fq_codel', 'noqueue'], false],
  [[], ['fq'], true],
  [[], [], false],
])('%j, beside %j: %p', (own, others, isHeld) => {
  const qdiscs = [
    ...others.map((kind) => ({ index: OTHER, kind })),
    ...own.map((kind) => ({ index: WATCHED, kind })),
  ];
  expect(holdingAmong([WATCHED], () => qdiscs).has(WATCHED)).toBe(isHeld);
});

test('of several, those that do', () => {
  const qdiscs = [
    { index: WATCHED, kind: 'fq' },
    { index: OTHER, kind: 'fq_codel' },
  ];
  expect([...holdingAmong([OTHER, WATCHED, 4], () => qdiscs)]).toEqual([WATCHED, 4]);
});

test('where it cannot be asked, they are not', () => {
  const refused = () => {
    throw new KernelError('ask', 1);
  };
  expect(holdingAmong([WATCHED], refused).size).toBe(0);
});

test('the kernel tells of the queueing disciplines of all interfaces', () => {
  const { index } = findInterface('lo');
  expect(Array.from(listQdiscs())).toContainEqual({ index, kind: 'noqueue' });
});
