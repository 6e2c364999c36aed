import { expect, test } from '@jest/globals';
import { labelOf, nameOf } from '../../src/attribution/label.js';
import type { Owner } from '../../src/attribution/owner.js';
import { CONTAINER, NAMED, POD, WHOLE } from '../helpers/events/owners.js';

const without = (...names: readonly (keyof Owner)[]): Owner => ({
  ...WHOLE,
  ...Object.fromEntries(names.map((name) => [name, undefined])),
});

const named = (...names: readonly (keyof Owner)[]): Owner => ({
  ...NAMED,
  ...Object.fromEntries(names.map((name) => [name, undefined])),
});

test.each<[string, Owner]>([
  ['container shop/cart-7d9f/app', NAMED],
  ['container shop/cart-7d9f/3fa1c0ffee12', named('containerName')],
  ['container app', named('podName', 'namespace')],
  ['container app', named('pod', 'podName')],
  ['container app', named('pod', 'namespace')],
  ['pod shop/cart-7d9f', named('container', 'containerName')],
  [`pod ${POD}`, named('container', 'containerName', 'podName')],
])('the name that people have given, where it is known: %s', (name, owner) => {
  expect(nameOf(owner)).toBe(name);
  expect(labelOf({ owner })).toBe(name);
});

test.each<[string, Owner]>([
  ['container 3fa1c0ffee12', WHOLE],
  ['container user@1000.service/3fa1c0ffee12', { container: `user@1000.service/${CONTAINER}` }],
  [`pod ${POD}`, without('container')],
  [`cri-containerd-${CONTAINER}.scope`, without('container', 'pod')],
  [`/kubepods.slice/cri-containerd-${CONTAINER}.scope`, without('container', 'pod', 'unit')],
  ['uid 1000', without('container', 'pod', 'unit', 'cgroup', 'comm')],
  ['uid 0', { cgroup: '/', uid: 0 }],
  ['uid 0', { cgroup: '/init', isCommonCgroup: true, uid: 0 }],
  ['/', { cgroup: '/' }],
])('the narrowest name there is: %s', (name, owner) => {
  expect(nameOf(owner)).toBe(name);
  expect(labelOf({ owner })).toBe(name);
});

test.each<[string, string, Owner]>([
  ['curl', 'uid 0', { cgroup: '/', uid: 0, comm: 'curl' }],
  ['curl', 'uid 0', { cgroup: '/init', isCommonCgroup: true, uid: 0, comm: 'curl' }],
  ['listener nginx', 'uid 0', { cgroup: '/', uid: 0, listenerComm: 'nginx', listenerPid: 80 }],
  ['curl', 'uid 0', { cgroup: '/', uid: 0, listenerComm: 'nginx', listenerPid: 80, comm: 'curl' }],
  ['/batch', '/batch', { cgroup: '/batch', uid: 0, comm: 'curl' }],
  [
    'a.service',
    'a.service',
    { cgroup: '/', isCommonCgroup: true, unit: 'a.service', comm: 'curl' },
  ],
])('where a cgroup tells nothing apart, the process: %s, beside it %s', (label, name, owner) => {
  expect([labelOf({ owner }), nameOf(owner)]).toEqual([label, name]);
});

test.each<[string, Owner]>([
  ['curl', { comm: 'curl', pid: 4242 }],
  ['pid 4242', { pid: 4242 }],
  ['(not known)', {}],
])('else the process: %s', (label, owner) => {
  expect(nameOf(owner)).toBeUndefined();
  expect(labelOf({ owner })).toBe(label);
});

test('who has no socket is told from what is not known', () => {
  expect(labelOf({})).toBe('(no socket here)');
  expect(labelOf({ original: null })).toBe('(no socket here)');
  expect(labelOf(undefined)).toBe('(not known)');
});
