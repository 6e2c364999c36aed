import { expect, test } from '@jest/globals';
import { compiler, tcpTimestamps } from '../../src/doctor/switches.js';
import { machine } from '../helpers/command/machines.js';

const TIMESTAMPS = '/proc/sys/net/ipv4/tcp_timestamps';
const COMPILER = '/proc/sys/net/core/bpf_jit_enable';

test.each(['1\n', '2\n'])('TCP timestamps %j are on', (value) => {
  expect(tcpTimestamps(machine({ [TIMESTAMPS]: value })).status).toBe('ok');
});

test('without TCP timestamps it would run, since others may have them', () => {
  expect(tcpTimestamps(machine({ [TIMESTAMPS]: '0\n' }))).toMatchObject({
    status: 'warning',
    fix: 'sysctl -w net.ipv4.tcp_timestamps=1',
  });
});

test.each([
  ['0\n', 'warning'],
  ['1\n', 'ok'],
  ['2\n', 'ok'],
])('the compiler %j: %s', (value, status) => {
  expect(compiler(machine({ [COMPILER]: value }))?.status).toBe(status);
});

test('what is not told is not warned of', () => {
  expect(compiler(machine())).toBeUndefined();
  expect(tcpTimestamps(machine())).toMatchObject({ status: 'warning', found: 'unknown' });
});
