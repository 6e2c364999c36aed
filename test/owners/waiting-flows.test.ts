import { expect, test } from '@jest/globals';
import { WaitingFlows } from '../../src/owners/waiting-flows.js';

test('flows wait by their cgroup until they are taken, or leave', () => {
  const flows = new WaitingFlows();
  flows.add(1n, 7);
  flows.add(1n, 8);
  flows.add(2n, 9);
  flows.delete(1n, 7);
  flows.delete(2n, 8);
  flows.delete(3n, 8);
  expect(flows.cgroups).toEqual([1n, 2n]);
  expect([...flows.take(1n)]).toEqual([8]);
  expect([...flows.take(1n)]).toEqual([]);
  flows.delete(2n, 9);
  expect(flows.cgroups).toEqual([]);
});
