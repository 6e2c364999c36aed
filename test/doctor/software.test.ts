import { expect, test } from '@jest/globals';
import { libraries } from '../../src/doctor/libraries.js';
import { nodeVersion, programFile } from '../../src/doctor/software.js';
import { Fault } from '../../src/faults.js';
import { machine } from '../helpers/command/machines.js';

const ENGINES = '{"engines":{"node":"^20.11 || ^22 || >=24.1"}}';
const FILES = { 'package.json': ENGINES, 'tc_pping.o': '' };

test.each([
  ['20.11.0', 'ok'],
  ['20.20.2', 'ok'],
  ['22.0.0', 'ok'],
  ['24.1.0', 'ok'],
  ['25.0.0', 'ok'],
  ['20.9.0', 'missing'],
  ['18.20.1', 'missing'],
])('Node %s: %s', (node, status) => {
  const finding = nodeVersion(machine(FILES, { node }), 'package.json');
  expect(finding).toMatchObject({ status, found: node });
  expect(finding.fix).toBe(status === 'ok' ? undefined : 'install Node 20.11 or newer');
});

test.each(['21.7.3', '23.11.1', '24.0.9'])('Node %s is between those that are tested', (node) => {
  expect(nodeVersion(machine(FILES, { node }), 'package.json')).toEqual({
    what: 'Node',
    status: 'warning',
    found: `${node}, which is not tested (tested: 20, 22, 24)`,
  });
});

test('the BPF object is there, or has to be built', () => {
  expect(programFile(machine(FILES), 'tc_pping.o').status).toBe('ok');
  expect(programFile(machine(), 'tc_pping.o')).toMatchObject({
    status: 'missing',
    found: 'tc_pping.o cannot be read',
    fix: 'make build',
  });
});

test.each([
  ['v1.1', 'ok', '1.1'],
  ['v1.5', 'ok', '1.5'],
  ['v0.8', 'missing', '0.8'],
])('libbpf %s: %s', async (version, status, found) => {
  const calls = { libbpf: () => ({ libbpf_version_string: () => version }) };
  const [ffi, libbpf] = await libraries(async () => calls);
  expect(ffi).toMatchObject({ what: 'node-ffi-napi', status: 'ok' });
  expect(libbpf).toMatchObject({ what: 'libbpf', status, found });
});

test('libbpf that is not there', async () => {
  const libbpf = () => {
    throw new Fault(
      'libbpf 1.0 or newer is needed and cannot be opened (libbpf.so.1: no such file); on Debian',
    );
  };
  expect((await libraries(async () => ({ libbpf })))[1]).toEqual({
    what: 'libbpf',
    status: 'missing',
    found: 'libbpf.so.1: no such file',
    fix: expect.stringContaining('apt-get install libbpf1'),
  });
});

test.each([
  ['compiled for another Node\nat length', 'ERR_DLOPEN_FAILED', 'compiled for another Node', 'g++'],
  ['no such package', 'ERR_MODULE_NOT_FOUND', 'not installed: npm could not compile it', 'g++'],
  [
    'No native build was found for platform=linux arch=x64 runtime=node',
    undefined,
    'not built: npm 12 and newer run only install scripts that are allowed',
    '--allow-scripts=@2060.io/ffi-napi,@2060.io/ref-napi',
  ],
])('what calls libbpf cannot be loaded: %s', async (message, code, found, fix) => {
  const error = Object.assign(new Error(message), { code });
  const findings = await libraries(() => Promise.reject(error));
  expect(findings).toMatchObject([
    { what: 'node-ffi-napi', status: 'missing', found, fix: expect.stringContaining(fix) },
  ]);
});
