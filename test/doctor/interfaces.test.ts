import { expect, test } from '@jest/globals';
import { findInterfaces } from '../../src/doctor/interfaces.js';
import { KernelError } from '../../src/libbpf/errors.js';
import type { Link } from '../../src/libbpf/links.js';
import { machine } from '../helpers/command/machines.js';

const idle = { packets: 0, bytes: 0 };

function link(name: string, index: number, told: Partial<Link> = {}): Link {
  return {
    name,
    index,
    alternativeNames: [],
    isUp: true,
    kind: 1,
    linkLayer: 'ethernet',
    isLoopback: false,
    egress: idle,
    ingress: idle,
    xdp: undefined,
    isSwitchPort: false,
    ...told,
  };
}

const LINKS = [
  link('lo', 1, { isLoopback: true }),
  link('eth0', 2),
  link('down0', 3, { isUp: false }),
  link('wg0', 4, { linkLayer: 'ip' }),
  link('can0', 5, { linkLayer: undefined }),
];

const limited = (hard: number | 'unlimited') =>
  machine({
    '/proc/self/limits': `Max open files            1024                 ${hard} files\n`,
  });

test('those that any takes, and those that cannot be read', () => {
  expect(findInterfaces(limited(524_288), () => LINKS)).toEqual({
    what: 'interfaces',
    status: 'ok',
    found: 'eth0 wg0; can0 carries neither Ethernet nor plain IP',
  });
});

test('without any', () => {
  expect(findInterfaces(limited('unlimited'), () => [])).toEqual({
    what: 'interfaces',
    status: 'ok',
    found: 'no interface',
  });
});

test('more than may be open', () => {
  const many = Array.from({ length: 500 }, (_, at) => link(`veth${at}`, at + 2));
  expect(findInterfaces(limited(1_024), () => many)).toEqual({
    what: 'interfaces',
    status: 'warning',
    found:
      'veth0 veth1 veth2 veth3 veth4 and 495 more; watching all 500 needs 1100 open files, but only 1024 are allowed',
    fix: 'ulimit -n 1100',
  });
  expect(findInterfaces(limited(1_100), () => many).status).toBe('ok');
});

test('where the kernel does not tell', () => {
  const refused = () => {
    throw new KernelError('list the interfaces', 1);
  };
  const { status, found } = findInterfaces(machine(), refused);
  expect(status).toBe('warning');
  expect(found).toMatch(/^unknown: cannot list the interfaces/);
});
