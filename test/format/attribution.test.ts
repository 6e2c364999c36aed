import { describe, expect, test } from '@jest/globals';
import type { Attribution, Owner } from '../../src/attribution/owner.js';
import { attributionText } from '../../src/format/attribution.js';
import { Clock } from '../../src/format/clock.js';
import { HumanFormatter } from '../../src/format/human.js';
import { DOCUMENTATION_A, flowEvent, ipv4, reversed, rttEvent } from '../helpers/events/events.js';
import { textOf } from '../helpers/events/lines.js';
import { HOSTILE, KnownFlows, NAMED, WHOLE } from '../helpers/events/owners.js';

const PRIVATE = { address: ipv4('192.168.1.20'), port: 41_822 };
const VIRTUAL = { address: ipv4('10.96.0.1'), port: 443 };

const NGINX = { listenerComm: 'nginx', listenerPid: 80 };

describe('for people', () => {
  test.each<[string, Owner]>([
    ['container 3fa1c0ffee12 curl[4242]', WHOLE],
    ['container shop/cart-7d9f/app curl[4242]', NAMED],
    ['checkout.service curl[4242]', { unit: 'checkout.service', comm: 'curl', pid: 4242 }],
    ['checkout.service', { unit: 'checkout.service', uid: 33 }],
    ['/user/app pid 7', { cgroup: '/user/app', pid: 7 }],
    ['curl', { comm: 'curl' }],
    ['nginx.service listener nginx[80]', { unit: 'nginx.service', ...NGINX }],
    ['nginx.service nginx[81]', { unit: 'nginx.service', ...NGINX, comm: 'nginx', pid: 81 }],
    ['listener \\u001b[80]', { ...NGINX, listenerComm: '\u001b' }],
    ['', {}],
  ])('%j is of an owner', (text, owner) => {
    expect(attributionText({ owner }, 4)).toBe(text);
  });

  test.each<[string, Attribution]>([
    ['nat 192.168.1.20:41822', { original: { dest: PRIVATE } }],
    ['nat 10.96.0.1:443', { original: { src: VIRTUAL } }],
    ['nat 10.96.0.1:443+192.168.1.20:41822', { original: { src: VIRTUAL, dest: PRIVATE } }],
    ['nat ?', { original: null }],
    ['', { original: {} }],
    ['curl[1] nat ?', { owner: { comm: 'curl', pid: 1 }, original: null }],
  ])('%j is of a translation', (text, attribution) => {
    expect(attributionText(attribution, 4)).toBe(text);
  });

  test('of IPv6 it has brackets', () => {
    const src = { address: DOCUMENTATION_A, port: 443 };
    expect(attributionText({ original: { src } }, 6)).toBe('nat [2001:db8::1]:443');
  });

  test('nothing known is nothing said', () => expect(attributionText(undefined, 4)).toBe(''));

  test('no name reaches the terminal but as printable ASCII', () => {
    expect(attributionText({ owner: HOSTILE }, 4)).toBe(
      'b\\u00fcro\\x2d\\u7db2\\u8def.service \\u0007\\u000d"\\u009b\\u007f[7]',
    );
  });
});

test('a line says where it was seen, and whose it is', () => {
  const formatter = new HumanFormatter(new Clock(0n), {
    ...{ color: false, attributionOf: () => ({ owner: { unit: 'nginx.service', uid: 33 } }) },
    seenAtOf: () => ({ capture: undefined, interface: 'eth0' }),
    areInterfacesSeveral: () => true,
  });
  expect(textOf(formatter, rttEvent())).toMatch(/ {2}eth0 {2}nginx\.service\n?$/);
});

test('a name of a container or pod reaches the terminal as printable ASCII', () => {
  const owner = { container: 'x', containerName: '\u001b[2J', podName: '\r', namespace: '網' };
  expect(attributionText({ owner }, 4)).toBe('container \\u7db2/\\u000d/\\u001b[2J');
});

describe('a line', () => {
  const known = new KnownFlows();
  const formatter = new HumanFormatter(new Clock(0n), { color: false, attributionOf: known.of });
  const lineOf = (...args: Parameters<typeof rttEvent>) =>
    textOf(formatter, rttEvent(...args)).replace(/^\S+ +/, '');
  const RTT = '5.425 ms    5.100 ms  TCP 198.51.100.2:51515 > 192.0.2.1:443';
  known.set(1, { owner: WHOLE });

  test('of an RTT has it behind the flow, and what was held back still behind that', () => {
    expect(lineOf({ flowId: 1 })).toBe(`${RTT}  container 3fa1c0ffee12 curl[4242]\n`);
    expect(lineOf({ flowId: 1, samples: 3 })).toBe(
      `${RTT}  container 3fa1c0ffee12 curl[4242]  (min of 3: 5.425 ms)\n`,
    );
  });

  test('of a flow event has it behind everything else', () => {
    expect(textOf(formatter, flowEvent({ flowId: 1 }))).toMatch(
      / TCP 192\.0\.2\.1:443 > \S+ opened {2}container 3fa1c0ffee12 curl\[4242\]\n$/,
    );
  });

  test('of a flow of which nothing is known is as it ever was', () => {
    expect(lineOf({ flowId: 2 })).toBe(`${RTT}\n`);
    known.set(3, {});
    expect(lineOf({ flowId: 3 })).toBe(`${RTT}\n`);
  });

  test('follows what becomes known, once it is told, in both directions', () => {
    const there = rttEvent({ flowId: 4 });
    const textsOf = () =>
      [there, reversed(there)].map((event) => textOf(formatter, event).split(/ {2,}/)[4]);
    expect(textsOf()).toEqual([undefined, undefined]);
    known.set(4, { owner: { unit: 'a.service' } });
    expect(textsOf()).toEqual([undefined, undefined]);
    formatter.refresh(4);
    expect(textsOf()).toEqual(['a.service\n', 'a.service\n']);
  });
});
