/** /etc/hosts, and a name server of our own. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { namesIn, reverseLookup } from '../../src/resolver/reverse-lookup.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const HEADER_BYTES = 12;
let socket: Socket | undefined;

afterEach(() => {
  socket?.close();
  socket = undefined;
});

function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

/** With this PTR record, of a second, to the one question of the query. */
function answerTo(query: Buffer, name: string): Buffer {
  const question = query.subarray(HEADER_BYTES, query.indexOf(0, HEADER_BYTES) + 5);
  const counts = [0, 1, 0, 1, 0, 0, 0, 0];
  const header = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, ...counts]);
  const data = nameBytes(name);
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, 12, 0, 1, 0, 0, 0, 1, 0, data.length]);
  return Buffer.concat([header, question, record, data]);
}

/** @returns its address and port */
async function nameServer(name: string | undefined): Promise<string> {
  const server = createSocket('udp4');
  socket = server;
  server.on('message', (query, { port, address }) => {
    if (name !== undefined) server.send(answerTo(query, name), port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${server.address().port}`;
}

test('names of /etc/hosts: the first of a line, of the first line', () => {
  const text = [
    '# comment',
    '192.0.2.1\tdb1.example db1 # the database',
    '192.0.2.1 other.example',
    '  2001:DB8:0::1 db6.example',
    '#192.0.2.2 gone.example',
    'fe80::1%eth0 link.example',
    '192.0.2.3',
    '300.0.2.3 wrong.example',
  ].join('\n');
  expect([...namesIn(text)]).toEqual([
    ['192.0.2.1', 'db1.example'],
    ['2001:db8::1', 'db6.example'],
  ]);
});

test('a file that is not there has none', () => {
  expect(reverseLookup(inFolder('none')).known('192.0.2.1')).toBeUndefined();
});

test('what /etc/hosts does not know is asked of a name server', async () => {
  writeFileSync(inFolder('hosts'), '192.0.2.1 db1.example\n');
  const lookup = reverseLookup(inFolder('hosts'), [await nameServer('db2.example')]);
  expect(lookup.known('192.0.2.1')).toBe('db1.example');
  expect(lookup.known('192.0.2.2')).toBeUndefined();
  expect(await lookup.reverse('192.0.2.2')).toEqual(['db2.example']);
});

test('what no server answers can be given up', async () => {
  const lookup = reverseLookup(inFolder('none'), [await nameServer(undefined)]);
  const answer = lookup.reverse('192.0.2.2');
  lookup.cancel();
  await expect(answer).rejects.toMatchObject({ code: 'ECANCELLED' });
});
