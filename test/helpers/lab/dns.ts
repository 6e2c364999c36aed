/** dnsmasq as a resolver, and dig as what asks it. */
import { spawnSync } from 'node:child_process';
import { hasEnded } from '../../../lab/child.js';
import type { Namespace } from '../../../lab/netns.js';
import { until } from '../../../lab/until.js';

/** Of these it knows; of what else is below `test` that it does not exist; for what is below `broken` it asks one that fails; else it has nobody to ask. */
export const NAMES = {
  known: 'www.test',
  large: 'large.test',
  unknown: 'none.test',
  refused: 'www.invalid',
  failing: 'www.broken',
};
/** Who is asked for what is below `broken`, and fails. */
const FAILING_PORT = 5399;
const TEXTS = [1, 2, 3].map(
  (number) => `--txt-record=${NAMES.large},${String(number).repeat(250)}`,
);

/** Throws where they are not installed. */
export function requireDns(): void {
  const missing = ['dnsmasq', 'dig'].find((program) => spawnSync(program, ['-v']).error);
  if (missing !== undefined) throw new Error(`${missing} is missing: dnsmasq-base, bind9-dnsutils`);
}

/** Resolves once it answers. It ends with its namespace. */
export async function startResolver(ns: Namespace): Promise<void> {
  const zone = [`--address=/${NAMES.known}/192.0.2.1`, '--local=/test/', ...TEXTS];
  const asked = [`--server=/${NAMES.failing}/127.0.0.1#${FAILING_PORT}`];
  const alone = ['--no-resolv', '--no-hosts', '--user=root', '--pid-file', '--conf-file=/dev/null'];
  const argv = ['dnsmasq', '--no-daemon', '--log-facility=-', ...alone, ...zone, ...asked];
  const child = ns.spawn(argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await until(() => said.includes('started, version') || hasEnded(child), 'dnsmasq to listen');
  if (hasEnded(child)) throw new Error(`dnsmasq: ${said}`);
}

/** Answers each query with SERVFAIL. Resolves once it listens; it ends with its namespace. */
export async function startFailing(ns: Namespace): Promise<void> {
  const argv = [process.execPath, '--eval', FAILING, String(FAILING_PORT)];
  const child = ns.spawn(argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await until(() => said !== '' || hasEnded(child), 'the failing server to listen');
  if (hasEnded(child)) throw new Error('the failing server has ended');
}

/** The query, as a response with that code. */
const FAILING = `
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', (message, from) => {
    message[2] |= 0x80;
    message[3] = (message[3] & 0xf0) | 2;
    socket.send(message, from.port, from.address);
  });
  socket.bind(Number(process.argv[1]), '127.0.0.1', () => console.log('listening'));
`;

/** Sends a query for the root twice, by one id and from one port, before anything can be answered. Resolves once it is. */
export async function askTwice(ns: Namespace, server: string): Promise<void> {
  await ns.run([process.execPath, '--eval', TWICE, server]);
}

const TWICE = `
  const socket = require('node:dgram').createSocket('udp4');
  const query = Buffer.from('4711010000010000000000000000020001', 'hex');
  socket.on('message', () => socket.close());
  for (const time of [1, 2]) socket.send(query, 53, process.argv[1]);
`;

export interface Dug {
  readonly status: string;
  /** What dig says that it took, in us. */
  readonly queryTime: number;
  readonly id: number;
}

/** @param argv beyond the usual. Rejects where nothing answers. */
export async function dig(ns: Namespace, server: string, argv: readonly string[]): Promise<Dug> {
  const said = await ns.run(['dig', `@${server}`, '-u', '+tries=1', '+time=20', ...argv]);
  const [, status = '', id] = /status: (\w+), id: (\d+)/.exec(said) ?? [];
  const [, time] = /Query time: (\d+) usec/.exec(said) ?? [];
  return { status, queryTime: Number(time), id: Number(id) };
}
