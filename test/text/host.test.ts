import { expect, test } from '@jest/globals';
import { hostEndpointText, hostText } from '../../src/text/host.js';
import { DOCUMENTATION_A, ipv4 } from '../helpers/events/events.js';
import { namesOf } from '../helpers/events/names.js';

const names = namesOf({ '192.0.2.1': 'db1.example', '2001:db8::1': 'db6.example' });

test('a host is shown by its name, or by its address where there is none', () => {
  expect(hostText(ipv4('192.0.2.1'), 4, names)).toBe('db1.example');
  expect(hostText(ipv4('192.0.2.2'), 4, names)).toBe('192.0.2.2');
  expect(hostText(ipv4('192.0.2.1'), 4, undefined)).toBe('192.0.2.1');
});

test('with a port only an IPv6 address needs brackets', () => {
  expect(hostEndpointText(DOCUMENTATION_A, 443, 6, names)).toBe('db6.example:443');
  expect(hostEndpointText(DOCUMENTATION_A, 443, 6, undefined)).toBe('[2001:db8::1]:443');
});
