/** /etc/hosts, and a name server of our own. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { namesIn, reverseLookup } from '../../src/resolver/reverse-lookup.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const HEADER_BYTES = 12;
/** Of a header: there is no such name; the server cannot tell. */
const NO_SUCH_NAME = 3;
const SERVER_FAILURE = 2;
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
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

function failureOf(query: Buffer, code: number): Buffer {
  const answer = Buffer.from(query);
  answer[2] = 0x81;
  answer[3] = 0x80 | code;
  return answer;
}

/** @param answer a name, or why there is none; undefined: it is silent. @returns its address and port */
async function nameServer(answer: string | number | undefined): Promise<string> {
  const server = createSocket('udp4');
  sockets.push(server);
  server.on('message', (query, { port, address }) => {
    if (answer === undefined) return;
    const text = typeof answer === 'string' ? answerTo(query, answer) : failureOf(query, answer);
    server.send(text, port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${server.address().port}`;
}

/** Of what changes in between, another time. */
const LATER_MS = 60_000;

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
  const lookup = reverseLookup({ hostsFile: inFolder('none') });
  expect(lookup.known('192.0.2.1')).toBeUndefined();
});

test('what /etc/hosts does not know is asked of a name server', async () => {
  writeFileSync(inFolder('hosts'), '192.0.2.1 db1.example\n');
  const server = await nameServer('db2.example');
  const lookup = reverseLookup({ hostsFile: inFolder('hosts'), servers: () => [server] });
  expect(lookup.known('192.0.2.1')).toBe('db1.example');
  expect(lookup.known('192.0.2.2')).toBeUndefined();
  expect(await lookup.reverse('192.0.2.2')).toEqual(['db2.example']);
});

test('a name server is asked by the reverse name', async () => {
  const questions: string[] = [];
  const server = createSocket('udp4');
  sockets.push(server);
  server.on('message', (query, { port, address }) => {
    questions.push(query.toString('latin1', HEADER_BYTES, query.indexOf(0, HEADER_BYTES)));
    server.send(failureOf(query, NO_SUCH_NAME), port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const servers = () => [`127.0.0.1:${server.address().port}`];
  const lookup = reverseLookup({ hostsFile: inFolder('none'), servers });
  await lookup.reverse('192.0.2.14');
  await lookup.reverse('2001:db8::1f');
  const nibbles = `f1${'0'.repeat(22)}8bd01002`.split('').join('.');
  const asked = [`14.2.0.192.in-addr.arpa`, `${nibbles}.ip6.arpa`];
  expect(questions).toEqual(asked.map((name) => nameBytes(name).toString('latin1').slice(0, -1)));
});

test('that there is no name is an answer, and that nobody can tell is none', async () => {
  const of = async (answer: number) => {
    const server = await nameServer(answer);
    return reverseLookup({ hostsFile: inFolder('none'), servers: () => [server] });
  };
  expect(await (await of(NO_SUCH_NAME)).reverse('192.0.2.2')).toEqual([]);
  const failing = (await of(SERVER_FAILURE)).reverse('192.0.2.2');
  await expect(failing).rejects.toMatchObject({ code: 'ESERVFAIL' });
});

test('what no server answers can be given up, also after there are others', async () => {
  const silent = await nameServer(undefined);
  let now = 0;
  const parts = { hostsFile: inFolder('none'), serversFile: inFolder('servers') };
  const lookup = reverseLookup({ ...parts, servers: () => [silent], clock: () => now });
  const given = [lookup.reverse('192.0.2.2')];
  writeFileSync(inFolder('servers'), 'nameserver 192.0.2.53\n');
  now += LATER_MS;
  given.push(lookup.reverse('192.0.2.3'));
  lookup.cancel();
  for (const answer of given) await expect(answer).rejects.toMatchObject({ code: 'ECANCELLED' });
});

test('names are those of /etc/hosts now', () => {
  let now = 0;
  const lookup = reverseLookup({ hostsFile: inFolder('hosts'), clock: () => now });
  const nameAfter = (change: () => void) => {
    change();
    now += LATER_MS;
    return lookup.known('192.0.2.1');
  };
  const hosts = (text: string) => () => writeFileSync(inFolder('hosts'), text);
  expect(nameAfter(hosts('192.0.2.1 db1.example\n'))).toBe('db1.example');
  expect(nameAfter(hosts('192.0.2.1 db.example\n'))).toBe('db.example');
  expect(nameAfter(() => rmSync(inFolder('hosts')))).toBeUndefined();
});

test('servers are those of this machine now', async () => {
  let now = 0;
  let servers = [await nameServer('old.example')];
  const parts = { hostsFile: inFolder('none'), serversFile: inFolder('servers') };
  const lookup = reverseLookup({ ...parts, servers: () => servers, clock: () => now });
  expect(await lookup.reverse('192.0.2.2')).toEqual(['old.example']);
  servers = [await nameServer('new.example')];
  writeFileSync(inFolder('servers'), 'nameserver 192.0.2.53\n');
  expect(await lookup.reverse('192.0.2.3')).toEqual(['old.example']);
  now += LATER_MS;
  expect(await lookup.reverse('192.0.2.4')).toEqual(['new.example']);
});
