import { describe, expect, test } from '@jest/globals';
import {
  architecture,
  configuration,
  kernelVersion,
  lockdown,
  processors,
  typeInformation,
} from '../../src/doctor/kernel.js';
import { machine } from '../helpers/command/machines.js';

describe('the version', () => {
  test.each(['5.15.0-91-generic', '6.1.0-18-amd64', '7.0.0'])('%s will do', (kernel) => {
    const found = `Linux ${kernel}`;
    expect(kernelVersion(machine({}, { kernel }))).toMatchObject({ status: 'ok', found });
  });

  test('5.10 is too old, and what is needed is said', () => {
    const finding = kernelVersion(machine({}, { kernel: '5.10.0-28-amd64' }));
    expect(finding).toMatchObject({ status: 'missing', fix: expect.any(String) });
    expect(finding.found).toBe('Linux 5.15 or newer is needed; this is 5.10.0-28-amd64');
  });

  test('another system has versions of its own', () => {
    const finding = kernelVersion(machine({}, { platform: 'darwin', kernel: '23.1.0' }));
    expect(finding).toMatchObject({ status: 'missing', found: 'this is darwin' });
  });
});

test.each([
  ['x64', 'ok'],
  ['arm64', 'ok'],
  ['arm', 'missing'],
  ['ia32', 'missing'],
])('the architecture %s is %s', (name, status) => {
  expect(architecture(machine({}, { architecture: name }))).toMatchObject({ status, found: name });
});

test.each([
  [{ '/sys/kernel/btf/vmlinux': '' }, 'ok'],
  [{}, 'warning'],
])('with BTF as in %j: %s', (files, status) => {
  expect(typeInformation(machine(files)).status).toBe(status);
});

describe('the configuration', () => {
  const ALL = 'CONFIG_BPF_SYSCALL=y\nCONFIG_NET_CLS_BPF=m\nCONFIG_NET_SCH_INGRESS=m\n';

  test.each(['/proc/config.gz', '/boot/config-6.12.0'])('is read from %s', (path) => {
    expect(configuration(machine({ [path]: ALL }))).toMatchObject({ status: 'ok' });
  });

  test('what is not set is named', () => {
    const text = ALL.replace('CONFIG_NET_CLS_BPF=m', '# CONFIG_NET_CLS_BPF is not set');
    expect(configuration(machine({ '/boot/config-6.12.0': text }))).toMatchObject({
      status: 'warning',
      found: '/boot/config-6.12.0 lacks NET_CLS_BPF',
    });
  });

  test('a longer name is another option', () => {
    const text = ALL.replace('BPF_SYSCALL', 'BPF_SYSCALL_EXTRA');
    expect(configuration(machine({ '/proc/config.gz': text }))?.found).toMatch(/ BPF_SYSCALL$/);
  });

  test('where there is none, nothing is said', () => {
    expect(configuration(machine())).toBeUndefined();
  });
});

test('a kernel without BTF is told from a /sys that is not there', () => {
  const sysfs = { '/sys/kernel/uevent_seqnum': '1\n' };
  expect(typeInformation(machine(sysfs))).toMatchObject({
    found: '/sys/kernel/btf/vmlinux cannot be read',
    fix: expect.stringContaining('CONFIG_DEBUG_INFO_BTF'),
  });
  expect(typeInformation(machine())).toMatchObject({
    found: 'unknown: /sys cannot be read',
    fix: 'mount -t sysfs sysfs /sys',
  });
});

test('CPUs cannot be counted without /sys', () => {
  expect(processors(machine())).toMatchObject({
    status: 'missing',
    fix: 'mount -t sysfs sysfs /sys',
  });
  expect(processors(machine({ '/sys/devices/system/cpu/possible': '0-1\n' }))).toBeUndefined();
});

test('lockdown is none where the kernel has no such module, and not told where that is not known', () => {
  const modules = { '/sys/kernel/security/lsm': 'capability,yama' };
  expect(lockdown(machine(modules))).toMatchObject({ status: 'ok', found: 'none' });
  expect(lockdown(machine())).toBeUndefined();
});

test.each([
  ['[none] integrity confidentiality\n', 'ok', 'none'],
  ['none [integrity] confidentiality\n', 'ok', 'integrity'],
  ['none integrity [confidentiality]\n', 'warning', 'confidentiality, which restricts BPF'],
])('lockdown %j: %s', (text, status, found) => {
  const files = { '/sys/kernel/security/lockdown': text };
  expect(lockdown(machine(files))).toMatchObject({ status, found });
});
