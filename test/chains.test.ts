import { expect, test } from '@jest/globals';
import { Chains, NONE } from '../src/chains.js';

function listOf(chains: Chains, bucket: number): number[] {
  const list: number[] = [];
  for (let at = chains.firstOf(bucket); at !== NONE; at = chains.after(at)) list.push(at);
  return list;
}

test('each bucket has a list of its own, the newest first', () => {
  const chains = new Chains(2, 5);
  for (const at of [0, 1, 2, 3, 4]) chains.link(at % 2, at);
  expect([listOf(chains, 0), listOf(chains, 1)]).toEqual([
    [4, 2, 0],
    [3, 1],
  ]);
});

test.each([[0], [1], [2]])('the others stay in the list without %d', (gone) => {
  const chains = new Chains(1, 3);
  for (const at of [0, 1, 2]) chains.link(0, at);
  chains.unlink(0, gone);
  expect(listOf(chains, 0)).toEqual([2, 1, 0].filter((at) => at !== gone));
  chains.link(0, gone);
  expect(listOf(chains, 0)[0]).toBe(gone);
});
