/** dnsmasq as a resolver, and dig as what asks it. */
import { spawnSync } from 'node:child_process';
import { hasEnded } from '../../../lab/child.js';
import type { Namespace } from '../../../lab/netns.js';
import { until } from '../../../lab/until.js';

/** Of these it knows; of what else is below `test` that it does not exist; else it has nobody to ask. */
export const NAMES = {
  known: 'www.test',
  large: 'large.test',
  unknown: 'none.test',
  refused: 'www.invalid',
};
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
  const alone = ['--no-resolv', '--no-hosts', '--user=root', '--pid-file', '--conf-file=/dev/null'];
  const argv = ['dnsmasq', '--no-daemon', '--log-facility=-', ...alone, ...zone];
  const child = ns.spawn(argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await until(() => said.includes('started, version') || hasEnded(child), 'dnsmasq to listen');
  if (hasEnded(child)) throw new Error(`dnsmasq: ${said}`);
}

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
