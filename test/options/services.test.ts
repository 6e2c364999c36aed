import { writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parsePorts } from '../../src/options/ports.js';
import { servicePort } from '../../src/options/services.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();

test('a service has its port from the file, by name or alias, over TCP', () => {
  const file = inFolder('services');
  writeFileSync(
    file,
    '# http 1/tcp\nhttp\t\t8000/tcp   www  web # World Wide Web\ntftp 69/udp\n\nown 700/tcp\n',
  );
  const ports = ['http', 'www', 'web', 'own', 'tftp', 'World'].map((name) =>
    servicePort(name, file),
  );
  expect(ports).toEqual([8000, 8000, 8000, 700, undefined, undefined]);
});

test.each([
  ['https', 443],
  ['ssh', 22],
  ['http-alt', 8080],
  ['constructor', undefined],
  ['', undefined],
])('without the file, the commonest are known: %j', (name, port) => {
  expect(servicePort(name, inFolder('none'))).toBe(port);
});

test.each([
  ['443', 443, 443],
  ['8000-8999', 8000, 8999],
  ['https', 443, 443],
  ['1-65535', 1, 65_535],
])('%s is a range', (text, first, last) => {
  expect(parsePorts(text)).toEqual({ first, last });
});

test.each([
  [
    'htpts',
    '"htpts" is not a port, a range or a service in /etc/services; write for example 443, https',
  ],
  ['', '"" is not a port'],
  ['80-', '"80-" is not a port'],
  ['0', 'ports go from 1 to 65535'],
  ['65536', 'ports go from 1 to 65535'],
  ['9-8', '9-8 ends before it begins'],
])('%j is refused', (text, message) => {
  expect(() => parsePorts(text)).toThrow(message);
});
