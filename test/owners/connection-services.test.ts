import { expect, test } from '@jest/globals';
import { withoutEnds } from '../../src/owners/connection-services.js';

test.each([
  ['sshd@3-192.0.2.7:22-198.51.100.3:50346.service', 'sshd@3-*.service'],
  ['sshd@12-4711-192.0.2.7:22-198.51.100.3:50346.service', 'sshd@12-4711-*.service'],
  ['echo@0-2001:db8::1:7-2001:DB8::ffff:50346.service', 'echo@0-*.service'],
  [
    'a@1-192.0.2.7:22-192.0.2.9:1.service/b@2-192.0.2.7:22-192.0.2.9:2.service/x',
    'a@1-*.service/b@2-*.service/x',
  ],
])('of %s stays %s', (name, without) => {
  expect(withoutEnds(`/system.slice/${name}`)).toBe(`/system.slice/${without}`);
});

test.each([
  'user@1000.service',
  'getty@tty1.service',
  'wg-quick@wg0.service',
  'postgresql@15-main.service',
  'job@3-17-unknown.service',
  'session-3.scope',
])('%s has none', (name) =>
  expect(withoutEnds(`/system.slice/${name}`)).toBe(`/system.slice/${name}`),
);
