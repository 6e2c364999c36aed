import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { setting, UNIT } from '../helpers/command/unit.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

/** systemd's own scale: 0 is nothing to fear, 10 is anything. */
const MOST_EXPOSED = 2.5;
const COMMAND = 'pping';

const file = useTemporaryFolder();
const isInstalled = spawnSync('systemd-analyze', ['--version']).status === 0;
const on = isInstalled ? describe : describe.skip;

on(`by systemd${isInstalled ? '' : ' (skipped: systemd-analyze is missing)'}`, () => {
  test.each(['eth0', 'br\\x2dlan', 'eth0.100'])('the unit is understood for %s', (instance) => {
    const { status, stdout, stderr } = analyze('verify', [unitFile(instance)]);
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });

  test('what is not understood would be said', () => {
    const { stderr } = analyze('verify', [unitFile('eth0', `${UNIT}\n[Service]\nNonsense=yes\n`)]);
    expect(stderr).toContain('Nonsense');
  });

  test('it is exposed to little', () => {
    const { stdout } = analyze('security', ['--offline=true', '--no-pager', unitFile('eth0')]);
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

/** As installed, with a command that is there. */
function unitFile(instance: string, text = UNIT): string {
  const command = file('pping');
  writeFileSync(command, '#!/bin/sh\n');
  chmodSync(command, 0o755);
  const path = file(`pping@${instance}.service`);
  writeFileSync(path, text.replace(`ExecStart=${COMMAND} `, `ExecStart=${command} `));
  return path;
}

function analyze(what: string, args: readonly string[]) {
  return spawnSync('systemd-analyze', [what, ...args], { encoding: 'utf8' });
}
