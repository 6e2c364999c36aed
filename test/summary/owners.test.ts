import { describe, expect, test } from '@jest/globals';
import { Owners } from '../../src/summary/owners.js';
import { reversed, rttEvent } from '../helpers/events/events.js';
import { KnownFlows, WHOLE } from '../helpers/events/owners.js';

let known: KnownFlows;

function ownersOf(most?: number): Owners {
  known = new KnownFlows();
  return new Owners(known.of, most === undefined ? {} : { most });
}

const service = (unit: string) => ({ owner: { unit } });
const flowsOf = (owners: Owners) =>
  Object.fromEntries(
    owners.ranking(99).worst.map(({ label, flows, samples }) => [label, [flows, samples]]),
  );

describe('RTTs', () => {
  test('are of the owner, however many flows and hosts there are', () => {
    const owners = ownersOf();
    for (const flowId of [1, 2, 3]) known.set(flowId, service('a.service'));
    known.set(4, { owner: WHOLE });
    known.set(5, {});
    for (const flowId of [1, 2, 3, 4, 5, 6, 1]) owners.record(rttEvent({ flowId }));
    expect(flowsOf(owners)).toEqual({
      'a.service': [3, 4],
      'container 3fa1c0ffee12': [1, 1],
      '(no socket here)': [1, 1],
      '(not known)': [1, 1],
    });
  });

  test('from before it was known whose they are stay where they were', () => {
    const owners = ownersOf();
    const record = () => owners.record(rttEvent());
    record();
    record();
    known.set(7, service('a.service'));
    record();
    owners.refresh(7);
    for (let times = 0; times < 4; times++) record();
    expect(flowsOf(owners)).toEqual({ '(not known)': [1, 3], 'a.service': [1, 4] });
  });

  test('of a flow of which more becomes known, but not another name, are of one flow', () => {
    const owners = ownersOf();
    for (const pid of [undefined, 7, 8]) {
      known.set(7, { owner: { unit: 'a.service', pid } });
      owners.refresh(7);
      owners.record(rttEvent());
      owners.record(rttEvent());
    }
    expect(flowsOf(owners)).toEqual({ 'a.service': [1, 6] });
  });

  test('of both directions move', () => {
    const owners = ownersOf();
    const there = rttEvent();
    const record = () => [there, reversed(there)].map((event) => owners.record(event));
    record();
    known.set(7, service('a.service'));
    owners.refresh(7);
    record();
    expect(flowsOf(owners)).toEqual({ '(not known)': [2, 2], 'a.service': [2, 2] });
  });
});

test('memory is bounded: one not heard of again makes room, and may come back by a flow of its', () => {
  const owners = ownersOf(4);
  for (let flowId = 0; flowId < 5; flowId++) {
    known.set(flowId, service(`${flowId}.service`));
    owners.record(rttEvent({ flowId }));
  }
  expect(owners.ranking(0)).toEqual({ worst: [], size: 4, forgotten: 1 });
  expect(flowsOf(owners)['0.service']).toBeUndefined();
  owners.refresh(0);
  owners.record(rttEvent({ flowId: 0 }));
  expect(flowsOf(owners)['0.service']).toEqual([1, 1]);
});
