import { writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import {
  type ConntrackPlaces,
  canLoadWithoutLookup,
  missingConntrackLookup,
} from '../../src/live/conntrack.js';
import { ROOT } from '../helpers/command/machines.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const file = useTemporaryFolder();

const BOTH = ['nf_conn', 'bpf_skb_ct_lookup', 'bpf_ct_release'];
const NO_TRACKING =
  'the kernel offers no conntrack lookup to BPF programs; if nf_conntrack is a module: modprobe nf_conntrack';

/** What is missing where BTF has these names; without a module unless it has any. */
function missing(
  vmlinux: readonly string[],
  module: readonly string[] = [],
  { status = ROOT, kernel = '6.1.0-56-amd64' } = {},
): string | undefined {
  const places: ConntrackPlaces = {
    kernel,
    vmlinux: file('vmlinux'),
    module: file('module'),
    status: file('status'),
  };
  writeFileSync(places.vmlinux, `\0${vmlinux.join('\0')}\0`);
  if (module.length > 0) writeFileSync(places.module, `\0${module.join('\0')}\0`);
  writeFileSync(places.status, status);
  return missingConntrackLookup(places);
}

test('nothing is, where both functions are in the kernel, or in its module', () => {
  expect(missing(BOTH)).toBeUndefined();
  expect(missing(['nf_conn'], BOTH)).toBeUndefined();
});

test.each([
  [[]],
  [['nf_conn', 'bpf_skb_ct_lookup']],
  [['bpf_skb_ct_lookup_', '_bpf_skb_ct_lookup', 'bpf_ct_release']],
])('with %j alone, conntrack is', (names) => {
  expect(missing(names)).toBe(NO_TRACKING);
  expect(missing([], names)).toBe(NO_TRACKING);
});

test('a module takes more than the programs do', () => {
  const few = { status: 'CapEff:\t000000c000001000\n' };
  expect(missing(BOTH, [], few)).toBeUndefined();
  expect(missing([], BOTH, few)).toBe(
    'with nf_conntrack as a module, root or CAP_SYS_ADMIN is needed',
  );
});

test('what is missing everywhere is looked for in all modules: that takes as much', () => {
  const places = (status: string) => ({
    ...{ kernel: '6.1.0', vmlinux: file('none'), module: file('none') },
    status: file(status),
  });
  writeFileSync(file('root'), ROOT);
  writeFileSync(file('few'), 'CapEff:\t000000c000001000\n');
  expect(canLoadWithoutLookup(places('root'))).toBe(true);
  expect(canLoadWithoutLookup(places('few'))).toBe(false);
  expect(canLoadWithoutLookup(places('none'))).toBe(true);
});

test('without BTF, or /proc, no more is claimed than is known', () => {
  const places = (module: string): ConntrackPlaces => ({
    kernel: '6.1.0',
    vmlinux: file('none'),
    module,
    status: file('none'),
  });
  expect(missingConntrackLookup(places(file('none')))).toBe(
    `the kernel's BTF is missing: ${file('none')} cannot be read`,
  );
  writeFileSync(file('module'), `\0${BOTH.join('\0')}\0`);
  writeFileSync(file('vmlinux'), '\0nf_conn\0');
  const found = { ...places(file('module')), vmlinux: file('vmlinux') };
  expect(missingConntrackLookup(found)).toBeUndefined();
});

test('in 5.18 the functions are there, and do not say enough', () => {
  const wanted = 'Linux 5.19 or newer is needed; this is 5.18.19';
  expect(missing(BOTH, [], { kernel: '5.18.19' })).toBe(wanted);
  expect(missing(BOTH, [], { kernel: '5.19.0' })).toBeUndefined();
});
