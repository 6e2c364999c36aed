/** Programs are told of each change at once, people once a second of all together. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Notice } from '../../src/format/formatter.js';
import { InterfaceWatch } from '../../src/run/interface-watch.js';
import type { InterfaceChange } from '../../src/visibility/interface-change.js';
import type { Sighting } from '../../src/visibility/sightings.js';
import { countersOf } from '../helpers/events/events.js';

const attached = (name: string): InterfaceChange => ({ change: 'attached', interface: name });
const GONE: InterfaceChange = {
  change: 'detached',
  interface: 'eth0',
  isGone: true,
  reason: 'interface eth0 is gone',
};

let come: InterfaceChange[];
let checked: InterfaceChange[];
let sightings: Sighting[];
let notices: Notice[];
/** Of the notices, so many have been handed on. */
let handedOn: number;
let told: string[];
let time: bigint;
let names: string[];
let newNames: boolean;
let isLeft: boolean;
let watch: InterfaceWatch;

beforeEach(() => {
  [come, checked, sightings, notices, told, time] = [[], [], [], [], [], 0n];
  handedOn = 0;
  [names, isLeft] = [['eth1', 'eth2'], false];
  watch = new InterfaceWatch({
    source: {
      isOpen: true,
      takeNewNames: () => newNames,
      get interfaceNames() {
        return names;
      },
      follow: async () => come.splice(0),
      check: () => checked.splice(0),
      lookOut: () => sightings.splice(0),
      leave: async () => {
        isLeft = true;
      },
    },
    pump: {
      refreshAll: () => told.push('all anew'),
      notice(notice) {
        notices.push(notice);
        return true;
      },
      flush() {
        handedOn = notices.length;
      },
    },
    notify: (text) => told.push(text),
    now: () => ++time,
  });
});

test('what comes is a notice at once, and is told when a second is over', async () => {
  come = [attached('eth1')];
  await watch.follow();
  expect(handedOn).toBe(1);
  come = [attached('eth2')];
  await watch.follow();
  expect(handedOn).toBe(2);
  expect(notices).toEqual([
    { type: 'interface', timestamp: 1n, change: attached('eth1') },
    { type: 'interface', timestamp: 2n, change: attached('eth2') },
  ]);
  expect(told).toEqual([]);
  watch.check();
  expect(told).toEqual(['now watching eth1 eth2']);
  watch.check();
  expect(told).toHaveLength(1);
});

test('what is found when they are looked at is told with it', async () => {
  come = [attached('eth1')];
  await watch.follow();
  checked = [GONE];
  watch.check();
  expect(notices.map(({ timestamp }) => timestamp)).toEqual([1n, 2n]);
  expect(notices.at(-1)).toMatchObject({ change: GONE });
  expect(told).toEqual(['interface eth0 is gone: 2 interfaces left', 'now also watching eth1']);
});

test('what keeps packets from pping is told to both', () => {
  const sighting: Sighting = {
    change: 'preceded',
    hook: 'ingress',
    predecessors: [{ programId: 7, name: 'theirs' }],
    interface: 'eth1',
  };
  sightings = [sighting];
  watch.lookOut(countersOf());
  watch.lookOut(countersOf());
  expect(notices).toEqual([{ type: 'visibility', timestamp: 1n, sighting }]);
  expect(told).toEqual([expect.stringContaining('program 7 (theirs) runs before pping')]);
});

test.each([
  [49, []],
  [50, ['detaching from 50 interfaces: the kernel takes a while for each']],
])('people are told why it takes long to leave many, as %d are or not', async (count, texts) => {
  names = Array.from({ length: count }, (_, place) => `veth${place}`);
  await watch.leave();
  expect({ told, isLeft }).toEqual({ told: texts, isLeft: true });
});

test('where interfaces go by other names, what was made of flows is made anew', async () => {
  come = [{ change: 'renamed', interface: 'eth1', to: 'wan' }];
  newNames = true;
  await watch.follow();
  expect(told).toEqual(['all anew']);
});
