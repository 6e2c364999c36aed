import { beforeEach, describe, expect, test } from '@jest/globals';
import { ContainerNames } from '../../src/owners/container-names.js';
import type { RuntimeIds, RuntimeNames } from '../../src/owners/runtime-names.js';
import { containerId } from '../helpers/runner/containers.js';

const ID = containerId('a0');
const UID = '8f3a1e5c-1111-4000-8000-00000000beef';

let now: number;
let asked: RuntimeIds[];
let known: RuntimeNames;
let takes: number;

beforeEach(() => {
  now = 0;
  asked = [];
  known = {};
  takes = 0;
});

function containers(most?: number): ContainerNames {
  const find = (ids: RuntimeIds) => {
    asked.push(ids);
    now += takes;
    return known;
  };
  return new ContainerNames({ sources: [{ find }], clock: () => now, ...(most && { most }) });
}

describe('a name that is found', () => {
  test('is asked for once', () => {
    known = { containerName: 'web' };
    const names = containers();
    for (let round = 0; round < 3; round++) {
      expect(names.of({ container: ID })).toEqual(known);
      expect(names.mayKnowMore({ container: ID })).toBe(false);
      now += 60_000;
    }
    expect(asked).toEqual([{ container: ID, pod: undefined }]);
  });

  test('is kept as long as no more containers than that have come since', () => {
    known = { containerName: 'web' };
    const names = containers(16);
    for (let at = 0; at < 16; at++) names.of({ container: containerId(`a${at}f`) });
    expect(asked).toHaveLength(16);
    names.of({ container: containerId('a15f') });
    expect(asked).toHaveLength(16);
    for (let at = 16; at < 64; at++) names.of({ container: containerId(`a${at}f`) });
    names.of({ container: containerId('a0f') });
    expect(asked).toHaveLength(65);
  });
});

describe('a name that is not there yet', () => {
  test('is asked for again, each time after a longer pause, and then no more', () => {
    const names = containers();
    for (; now < 120_000; now += 100) names.of({ container: ID });
    expect(asked).toHaveLength(6);
    expect(names.mayKnowMore({ container: ID })).toBe(false);
  });

  test('may come, and with it the end of the asking', () => {
    const names = containers();
    expect(names.of({ container: ID, pod: UID })).toEqual({});
    expect(names.mayKnowMore({ container: ID, pod: UID })).toBe(true);
    known = { podName: 'cart', namespace: 'shop' };
    now += 999;
    expect(names.of({ container: ID, pod: UID })).toEqual({});
    now += 1;
    expect(names.of({ container: ID, pod: UID })).toEqual(known);
    expect(names.mayKnowMore({ container: ID, pod: UID })).toBe(true);
    known = { ...known, containerName: 'app' };
    now += 2_000;
    expect(names.of({ container: ID, pod: UID })).toEqual(known);
    expect(names.mayKnowMore({ container: ID, pod: UID })).toBe(false);
  });
});

test('what was found stays when its files are gone before the rest is there', () => {
  const names = containers();
  known = { podName: 'cart', namespace: 'shop' };
  names.of({ container: ID, pod: UID });
  known = {};
  for (; now < 60_000; now += 500) names.of({ container: ID, pod: UID });
  expect(asked).toHaveLength(6);
  expect(names.of({ container: ID, pod: UID })).toEqual({ podName: 'cart', namespace: 'shop' });
});

test('reading takes 5 % of the time, whatever comes', () => {
  takes = 10;
  known = { containerName: 'web' };
  const names = containers();
  for (let at = 0; now < 10_000; at++, now += 1) {
    const cgroup = { container: containerId(at.toString(16).padStart(6, '0')) };
    if (Object.keys(names.of(cgroup)).length === 0) {
      expect(names.mayKnowMore(cgroup)).toBe(true);
    }
  }
  expect(asked.length * takes).toBeLessThan(0.05 * 10_000 + 50 + takes);
  expect(asked.length * takes).toBeGreaterThan(0.05 * 10_000);
});

describe('nothing is asked', () => {
  test.each([
    [{}],
    [{ cgroup: '/system.slice/nginx.service', unit: 'nginx.service' }],
    [{ container: 'lxc-name' }],
    [{ container: ID.slice(1) }],
    [{ container: '../../etc/passwd' }],
    [{ container: `user@1000.service/${ID}` }],
    [{ pod: `user@1000.service/${UID}` }],
  ])('of %j', (cgroup) => {
    const names = containers();
    expect(names.of(cgroup)).toEqual({});
    expect(names.mayKnowMore(cgroup)).toBe(false);
    expect(asked).toEqual([]);
  });

  test('of a user’s container, but of the pod that it is in', () => {
    containers().of({ container: `delegated/${ID}`, pod: UID });
    expect(asked).toEqual([{ container: undefined, pod: UID }]);
  });
});
