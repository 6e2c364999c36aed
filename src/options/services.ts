/** Names of services over TCP -> their ports. */
import { readFileSync } from 'node:fs';

const FILE = '/etc/services';
/** The commonest, for systems without the file: containers, and captures on another system than Linux. */
const COMMON: Readonly<Record<string, number>> = {
  amqp: 5672,
  bgp: 179,
  domain: 53,
  ftp: 21,
  'http-alt': 8080,
  http: 80,
  https: 443,
  imap2: 143,
  imap: 143,
  imaps: 993,
  kerberos: 88,
  ldap: 389,
  ldaps: 636,
  'microsoft-ds': 445,
  'ms-sql-s': 1433,
  mqtt: 1883,
  mysql: 3306,
  nfs: 2049,
  pop3: 110,
  pop3s: 995,
  postgresql: 5432,
  redis: 6379,
  smtp: 25,
  ssh: 22,
  submission: 587,
  submissions: 465,
  telnet: 23,
};

/** @returns its port; undefined where no service has that name */
export function servicePort(name: string, file = FILE): number | undefined {
  return new Map([...Object.entries(COMMON), ...servicesIn(textOf(file))]).get(name);
}

/** services(5): name, port/protocol, aliases, and a comment. */
function servicesIn(text: string): [name: string, port: number][] {
  return text.split('\n').flatMap((line) => {
    const [name = '', port = '', ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [, number] = /^(\d+)\/tcp$/.exec(port) ?? [];
    if (number === undefined) return [];
    return [name, ...aliases].map((each): [string, number] => [each, Number(number)]);
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // not there
  }
}
