import { expect, test } from '@jest/globals';
import { FlowCount } from '../../src/screen/flow-count.js';

test('a flow counts once, however often it is met', () => {
  const count = new FlowCount();
  for (const flowId of [1, 2, 1, 2, 1]) count.meet(flowId);
  expect(count.total).toBe(2);
});

test('one that has ended still counts', () => {
  const count = new FlowCount();
  count.meet(1);
  count.close(1);
  count.close(2);
  count.meet(3);
  expect(count.total).toBe(2);
});

test('those whose end was lost take bounded room: the first is forgotten', () => {
  const count = new FlowCount();
  const most = 131_072;
  for (let flowId = 0; flowId <= most; flowId++) count.meet(flowId);
  count.meet(1);
  expect(count.total).toBe(most + 1);
  count.meet(0);
  expect(count.total).toBe(most + 2);
});
