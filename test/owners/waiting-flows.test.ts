import { expect, test } from '@jest/globals';
import { WaitingFlows } from '../../src/owners/waiting-flows.js';

test('flows wait by their key until they are taken, or leave', () => {
  const flows = new WaitingFlows();
  flows.add(1n, 7);
  flows.add(1n, 8);
  flows.add(2n, 9);
  flows.add(2n, 9);
  expect(flows.size).toBe(3);
  expect(flows.delete(1n, 7)).toBe(false);
  expect(flows.delete(2n, 8)).toBe(false);
  expect(flows.delete(3n, 8)).toBe(false);
  expect(flows.keys).toEqual([1n, 2n]);
  expect([...flows.take(1n)]).toEqual([8]);
  expect([...flows.take(1n)]).toEqual([]);
  expect(flows.size).toBe(1);
  expect(flows.delete(2n, 9)).toBe(true);
  expect(flows.keys).toEqual([]);
  expect(flows.size).toBe(0);
});
