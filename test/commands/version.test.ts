/** --version: for people who report a fault, and for programs that want the first line. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { versionText } from '../../src/commands/version.js';
import type { Finding } from '../../src/doctor/finding.js';
import { here, useCli } from '../helpers/command/cli.js';
import { runHere } from '../helpers/command/in-process.js';
import { installForAll } from '../helpers/command/installed.js';
import { machine } from '../helpers/command/machines.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));

describe('the text', () => {
  const FFI: Finding = { what: 'node-ffi-napi', status: 'ok', found: 'installed' };
  const textOf = (...libraries: Finding[]) =>
    versionText('1.2.3 (5bd361c)', machine({}, { node: '20.20.2', kernel: '6.1.0' }), libraries);

  test('is pping, and what it runs with', () => {
    expect(textOf(FFI, { what: 'libbpf', status: 'ok', found: '1.1' })).toBe(
      'pping 1.2.3 (5bd361c)\nNode.js 20.20.2, libbpf 1.1, Linux 6.1.0',
    );
  });

  test.each<[string, Finding[]]>([
    ['libbpf', [FFI, { what: 'libbpf', status: 'missing', found: 'libbpf.so.1: no such file' }]],
    ['what calls it', [{ what: 'node-ffi-napi', status: 'missing', found: 'not installed' }]],
  ])('without %s there is no libbpf', (_, libraries) => {
    expect(textOf(...libraries)).toBe(
      'pping 1.2.3 (5bd361c)\nNode.js 20.20.2, no libbpf, Linux 6.1.0',
    );
  });

  test('names another system by its name', () => {
    const text = versionText('1.2.3', machine({}, { platform: 'darwin', kernel: '23.1.0' }), []);
    expect(text).toBe('pping 1.2.3\nNode.js 22.1.0, no libbpf, darwin 23.1.0');
  });
});

describe('the command', () => {
  const start = useCli();
  const file = useTemporaryFolder();

  test.each([[['-V']], [['--version']], [['-i', 'lo', '--version']]])('%j', async (args) => {
    const { code, lines, stderr } = await runHere(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(lines).toEqual([
      expect.stringMatching(/^pping \d+\.\d+\.\d+( \([0-9a-f]{7,}(-dirty)?\))?$/),
      expect.stringMatching(/^Node\.js \d+\.\d+\.\d+, (libbpf \d+\.\d+|no libbpf), Linux \S+$/),
    ]);
    expect(lines[0]?.split(' ')[1]).toBe(manifest.version);
  });

  test('has the commit that was built, wherever it is installed', async () => {
    const command = installForAll(file('pping'));
    const firstLine = async () => {
      const { code, stdout, stderr } = await start(here, ['-V'], { program: command }).ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout.split('\n')[0];
    };
    writeFileSync(file('pping/dist/commit'), '0123abc-dirty\n');
    expect(await firstLine()).toBe(`pping ${manifest.version} (0123abc-dirty)`);
    rmSync(file('pping/dist/commit'));
    expect(await firstLine()).toBe(`pping ${manifest.version}`);
  });

  test('without what calls libbpf it says so, and that is no fault', async () => {
    const command = installForAll(file('pping'));
    rmSync(file('pping/node_modules/node-ffi-napi'), { recursive: true });
    const { code, stdout, stderr } = await start(here, ['--version'], { program: command }).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { node } = process.versions;
    expect(stdout.split('\n')[1]).toBe(`Node.js ${node}, no libbpf, Linux ${release()}`);
  });
});
