import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { setting, UNIT, UNIT_OF_ALL } from '../helpers/command/unit.js';
import { codeBlocksIn, readDocument } from '../helpers/documents/documents.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

/** systemd's own scale: 0 is nothing to fear, 10 is anything. */
const MOST_EXPOSED = 2.5;
const COMMAND = 'pping';
const DROP_INS = codeBlocksIn(readDocument('docs/running-for-days.md')).filter((code) =>
  code.startsWith('[Service]'),
);

const file = useTemporaryFolder();
const isInstalled = spawnSync('systemd-analyze', ['--version']).status === 0;
const on = isInstalled ? describe : describe.skip;

on(`by systemd${isInstalled ? '' : ' (skipped: systemd-analyze is missing)'}`, () => {
  test.each(['@eth0', '@br\\x2dlan', '@eth0.100', ''])('pping%s.service is understood', (name) => {
    const { status, stdout, stderr } = analyze('verify', [unitFile(name)]);
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });

  test('what is not understood would be said', () => {
    const { stderr } = analyze('verify', [unitFile('@eth0', `${UNIT}\n[Service]\nNonsense=yes\n`)]);
    expect(stderr).toContain('Nonsense');
  });

  test.each(DROP_INS)('the drop-in of a document is understood: %s', (dropIn) => {
    const { status, stdout, stderr } = analyze('verify', [
      unitFile('', `${UNIT_OF_ALL}\n${dropIn}`),
    ]);
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });

  test.each(['@eth0', ''])('pping%s.service is exposed to little', (name) => {
    const { stdout } = analyze('security', ['--offline=true', '--no-pager', unitFile(name)]);
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
    process.stdout.write(`exposure level: ${exposure}\n`);
    expect(exposure).toBeLessThan(MOST_EXPOSED);
  });

  test('the name of the interface is unescaped for pping, and not for its device', () => {
    const escaped = ['--template=pping@.service', 'br-lan'];
    const name = execFileSync('systemd-escape', escaped, { encoding: 'utf8' }).trim();
    expect(name).toBe('pping@br\\x2dlan.service');
    expect(setting('BindsTo')).toEqual(['sys-subsystem-net-devices-%i.device']);
    expect(setting('ExecStart').slice(0, 3)).toEqual([COMMAND, '-i', '%I']);
  });
});

test('what may not be in it: Node compiles as it runs', () => {
  expect(setting('MemoryDenyWriteExecute')).toEqual([]);
});

test('instances share a folder, so they are one user', () => {
  expect(setting('User')).toEqual(['pping']);
  expect(setting('LogsDirectory')).toEqual(['pping']);
});

test.each([UNIT, UNIT_OF_ALL])(
  'one that logrotate has ended comes back: systemd calls SIGHUP a clean end',
  (unit) => {
    expect(setting('Restart', unit)).toEqual(['on-failure']);
    expect(setting('RestartForceExitStatus', unit)).toEqual(['SIGHUP']);
  },
);

test('the documents have drop-ins', () => expect(DROP_INS.length).toBeGreaterThan(0));

test('the address of --metrics can be reached, and no other', () => {
  expect(setting('IPAddressDeny')).toEqual(['any']);
  expect(setting('IPAddressAllow')).toEqual(['localhost']);
  const families = ['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_NETLINK'];
  expect(setting('RestrictAddressFamilies')).toEqual(families);
});

test('what one process for all interfaces may do is what an instance may do', () => {
  const [one, all] = [UNIT, UNIT_OF_ALL].map(restrictionsOf);
  expect(one?.length).toBeGreaterThan(30);
  expect(all).toEqual(one);
});

test('it watches all interfaces unless it is told otherwise, and comes with the machine', () => {
  expect(setting('Environment', UNIT_OF_ALL)).toEqual(
    expect.arrayContaining(['"PPING_INTERFACES=-i', 'any"']),
  );
  expect(setting('ExecStart', UNIT_OF_ALL).slice(0, 2)).toEqual([COMMAND, '$PPING_INTERFACES']);
  expect(setting('WantedBy', UNIT_OF_ALL)).toEqual(['multi-user.target']);
});

/** Of a service, what does not depend on which interfaces it watches. */
function restrictionsOf(unit: string): string[] {
  const [, service = ''] = unit.split(/^\[(?:Service|Install)\]$/m);
  return service.split('\n').filter((line) => /^(?!Environment|ExecStart=)\w+=/.test(line));
}

/** As installed, with a command that is there. @param name behind `pping` */
function unitFile(name: string, text = name === '' ? UNIT_OF_ALL : UNIT): string {
  const command = file('pping');
  writeFileSync(command, '#!/bin/sh\n');
  chmodSync(command, 0o755);
  const path = file(`pping${name}.service`);
  writeFileSync(path, text.replace(`ExecStart=${COMMAND} `, `ExecStart=${command} `));
  return path;
}

function analyze(what: string, args: readonly string[]) {
  return spawnSync('systemd-analyze', [what, ...args], { encoding: 'utf8' });
}
