import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { shared } from '../helpers/command/unit.js';
import { documents, readDocument } from '../helpers/documents/documents.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const CONFIGURATION = shared('pping.logrotate');
const SIGNAL = /^\t\tsystemctl kill .*$/m;

const file = useTemporaryFolder();
const isInstalled = spawnSync('logrotate', ['--version']).status === 0;
const on = isInstalled ? describe : describe.skip;

on(`by logrotate${isInstalled ? '' : ' (skipped: it is missing)'}`, () => {
  let configuration: string;

  /** As DynamicUser= has it: the folder is a link into one that others cannot enter. */
  beforeEach(() => {
    chmodSync(file(''), 0o755);
    mkdirSync(file('private/pping'), { recursive: true });
    symlinkSync('private/pping', file('logs'));
    const marker = `\t\tcat ${file('logs')}/eth0.ndjson.1 >> ${file('signals')}`;
    configuration = file('configuration');
    const text = CONFIGURATION.replaceAll('/var/log/pping', file('logs')).replace(SIGNAL, marker);
    writeFileSync(configuration, text, { mode: 0o644 });
  });

  function rotate() {
    const args = ['--force', '--state', file('state'), configuration];
    return spawnSync('logrotate', args, { encoding: 'utf8' });
  }

  function write(text: string): void {
    for (const name of ['eth0', 'eth1']) writeFileSync(file(`logs/${name}.ndjson`), text);
  }

  function logs(): string[] {
    return readdirSync(file('logs')).sort();
  }

  test('the snippet is understood as it is', () => {
    const path = file('as-shipped');
    writeFileSync(path, CONFIGURATION, { mode: 0o644 });
    const args = ['--debug', '--state', file('state'), path];
    const { status, stderr } = spawnSync('logrotate', args, { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stderr).not.toMatch(/error/i);
    expect(stderr).toContain('(14 rotations)');
  });

  test('files are renamed, pping is told once, and the day before is compressed', () => {
    write('first\n');
    expect(rotate()).toMatchObject({ status: 0, stderr: '' });
    // Nothing makes the file but pping.
    expect(logs()).toEqual(['eth0.ndjson.1', 'eth1.ndjson.1']);

    write('second\n');
    expect(rotate()).toMatchObject({ status: 0, stderr: '' });
    expect(logs()).toEqual(
      ['eth0', 'eth1'].flatMap((name) => [`${name}.ndjson.1`, `${name}.ndjson.2.gz`]),
    );
    const unpacked = execFileSync('gzip', ['-dc', file('logs/eth1.ndjson.2.gz')]);
    expect([readFileSync(file('logs/eth1.ndjson.1'), 'utf8'), String(unpacked)]).toEqual([
      'second\n',
      'first\n',
    ]);
    // After the renaming, and once for all files.
    expect(readFileSync(file('signals'), 'utf8')).toBe('first\nsecond\n');
  });

  test('14 of them are kept', () => {
    for (let day = 0; day < 16; day++) {
      write(`${day}\n`);
      rotate();
    }
    expect(logs().filter((name) => name.startsWith('eth0'))).toHaveLength(14);
  });

  test('where pping wrote nothing, nothing is rotated and nobody told', () => {
    expect(rotate()).toMatchObject({ status: 0, stderr: '' });
    write('');
    expect(rotate()).toMatchObject({ status: 0, stderr: '' });
    expect(logs()).toEqual(['eth0.ndjson', 'eth1.ndjson']);
    expect(existsSync(file('signals'))).toBe(false);
  });
});

test('it signals both kinds of units, and does not mind that there are none', () => {
  expect(SIGNAL.exec(CONFIGURATION)?.[0].trim()).toBe(
    "systemctl kill --kill-who=main -s HUP 'pping[.@]*service' || true",
  );
});

/** --kill-whom came with systemd 252, which still knows --kill-who; `|| true` would hide that it is refused. */
test('no document has an option that systemd before 252 refuses', () => {
  const texts = [CONFIGURATION, ...documents().map(readDocument)];
  const commands = texts.flatMap((text) => text.match(/systemctl kill .*/g) ?? []);
  expect(commands.length).toBeGreaterThan(1);
  expect(commands.filter((command) => command.includes('--kill-whom'))).toEqual([]);
});
