/** The image, without a daemon that would build it: what the Dockerfile takes is what `make tarball` makes. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { setting } from '../helpers/command/unit.js';

const FILE = 'packaging/Dockerfile';

const read = (name: string) => readFileSync(join(repositoryRoot, name), 'utf8');
const instructions = parse(read(FILE));
const documents = read('docs/install.md');

test('it has no instruction that builds do not know, and two stages of one base', () => {
  const words = instructions.map(([word]) => word);
  expect(words).toEqual(['ARG', 'FROM', 'ADD', 'RUN', 'FROM', 'COPY', 'ENTRYPOINT', 'CMD']);
  const [base = ''] = argumentsOf('ARG');
  const name = base.split('=')[0] ?? '';
  expect(argumentsOf('FROM')).toEqual([`\${${name}} AS unpacked`, `\${${name}}`]);
});

test('it adds the tarball by the name that it has, and moves the folder in it', () => {
  const tarball = basename(settings('tarball'));
  const [pattern = '', to] = argumentsOf('ADD')[0]?.split(' ') ?? [];
  expect(matches(pattern, tarball)).toBe(true);
  expect(to).toBe('/');
  const [move = ''] = argumentsOf('RUN');
  const [, folder = '', moved] = /^mv \/(\S+) (\S+)$/.exec(move) ?? [];
  expect(matches(folder, settings('name'))).toBe(true);
  expect(`${settings('name')}.tar.xz`).toBe(tarball);
  expect(argumentsOf('COPY')).toEqual([`--from=unpacked ${moved} /usr/local`]);
});

test('it runs the launcher', () => {
  const [command = ''] = JSON.parse(argumentsOf('ENTRYPOINT')[0] ?? '[]') as string[];
  expect(read('packaging/tree')).toContain(`packaging/launcher "$to/bin/${command}"`);
});

test('the documents name the Dockerfile, and the folder that the tarball is in', () => {
  const [, file = '', context = ''] = /docker build -t pping -f (\S+) (\S+)/.exec(documents) ?? [];
  expect([existsSync(join(repositoryRoot, file)), file]).toEqual([true, FILE]);
  expect(settings('tarball')).toBe(join(context, `${settings('name')}.tar.xz`));
});

test('the documents give a container what the unit has', () => {
  const given = setting('AmbientCapabilities').map((name) => name.replace('CAP_', ''));
  const [run = ''] = /docker run .*$/m.exec(documents) ?? [];
  expect(Array.from(run.matchAll(/--cap-add (\S+)/g), ([, name]) => name)).toEqual(given);
  const [, added = ''] = /^ +add: \[(.*)\]/m.exec(documents) ?? [];
  expect(added.split(', ').slice(0, given.length)).toEqual(given);
});

test('packages for other processors are refused in one line', () => {
  const run = () =>
    execFileSync(join(repositoryRoot, 'packaging/tree'), ['/dev/null'], {
      env: { ...process.env, ARCH: 'riscv64' },
      stdio: 'pipe',
      encoding: 'utf8',
    });
  expect(run).toThrow(/\npackages are made for x86_64 and arm64, not for ARCH=riscv64\n$/);
});

/** Instructions and what follows them, without comments; lines may go on. */
function parse(text: string): (readonly [string, string])[] {
  return text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [word = '', ...rest] = line.trim().split(/\s+/);
      return [word, rest.join(' ')] as const;
    });
}

function argumentsOf(wanted: string): string[] {
  return instructions.filter(([word]) => word === wanted).map(([, rest]) => rest);
}

/** @param pattern as a Dockerfile has it: with `*` */
function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll('.', '\\.'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

/** What the scripts call something. */
function settings(name: string): string {
  const script = `source packaging/settings; printf %s "$${name}"`;
  return execFileSync('bash', ['-c', script], { cwd: repositoryRoot, encoding: 'utf8' });
}
