import { expect, test } from '@jest/globals';
import { privileges } from '../../src/doctor/privileges.js';
import { machine, ROOT } from '../helpers/command/machines.js';

const BITS = { netAdmin: 12n, sysAdmin: 21n, perfmon: 38n, bpf: 39n } as const;

function withCapabilities(...names: (keyof typeof BITS)[]) {
  const effective = names.reduce((all, name) => all | (1n << BITS[name]), 0n);
  const hex = effective.toString(16).padStart(16, '0');
  return machine({
    '/proc/self/status': `Name:\tnode\nUid:\t977\t977\t977\t977\nCapPrm:\tffffffffffffffff\nCapEff:\t${hex}\n`,
  });
}

test('root has what it takes', () => {
  const finding = privileges(machine({ '/proc/self/status': ROOT }));
  expect(finding).toEqual({ what: 'privileges', status: 'ok', found: 'root' });
});

test('so has whoever has the three', () => {
  expect(privileges(withCapabilities('bpf', 'netAdmin', 'perfmon'))).toMatchObject({
    status: 'ok',
    found: 'CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON',
  });
});

test.each([
  [['netAdmin', 'perfmon'], 'missing CAP_BPF'],
  [['bpf', 'perfmon'], 'missing CAP_NET_ADMIN'],
  [['bpf', 'netAdmin'], 'missing CAP_PERFMON'],
  [['netAdmin'], 'missing CAP_BPF and CAP_PERFMON'],
  [[], 'missing CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON'],
] as const)('with %j: %s', (names, found) => {
  const finding = privileges(withCapabilities(...names));
  expect(finding).toMatchObject({ status: 'missing', found });
  expect(finding.fix).toContain('sudo');
});

test.each([
  [['sysAdmin'], 'CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON'],
  [['sysAdmin', 'netAdmin'], 'CAP_BPF and CAP_PERFMON'],
] as const)('%j implies %s', (names, implied) => {
  const found = `CAP_SYS_ADMIN, which implies ${implied}`;
  expect(privileges(withCapabilities(...names))).toMatchObject({ status: 'ok', found });
});

test("root of a container that took root's capabilities away is not enough", () => {
  const status = 'Uid:\t0\t0\t0\t0\nCapEff:\t00000000a80425fb\n';
  expect(privileges(machine({ '/proc/self/status': status })).status).toBe('missing');
});

test.each([
  ['         0          0 4294967295\n', 'ok', 'root'],
  ['         0       1000          1\n', 'warning', /^root, but only in a user namespace/],
  ['0 1000 1\n1 100000 65536\n', 'warning', /^root, but only in a user namespace/],
])('of the user namespace with the map %j', (map, status, found) => {
  const files = { '/proc/self/status': ROOT, '/proc/self/uid_map': map };
  const finding = privileges(machine(files));
  expect(finding.status).toBe(status);
  expect(finding.found).toMatch(found);
});

test('who lacks privileges in a user namespace lacks them', () => {
  const status = 'Uid:\t0\t0\t0\t0\nCapEff:\t0000000000000000\n';
  const files = { '/proc/self/status': status, '/proc/self/uid_map': '0 1000 1\n' };
  expect(privileges(machine(files)).status).toBe('missing');
});

test('where nothing can be read, nothing is claimed', () => {
  expect(privileges(machine())).toEqual({
    what: 'privileges',
    status: 'warning',
    found: 'unknown: /proc cannot be read',
    fix: 'mount -t proc proc /proc',
  });
});
