/** What `make build` writes down for --version. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
/** No configuration of whoever runs the tests. */
const env = { ...process.env, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
const SOURCE = 'project/source';

beforeEach(() => {
  mkdirSync(inFolder('project/tools'), { recursive: true });
  cpSync(join(repositoryRoot, 'tools/commit'), inFolder('project/tools/commit'));
  writeFileSync(inFolder(SOURCE), 'as it was committed\n');
});

const said = (path = process.env.PATH) =>
  execFileSync(inFolder('project/tools/commit'), { env: { ...env, PATH: path }, encoding: 'utf8' });

/** @returns the commit's hash */
function commitAll(folder: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', inFolder(folder), ...args], { env, encoding: 'utf8' });
  git('init', '--quiet');
  git('add', '--all');
  const author = ['-c', 'user.name=pping', '-c', 'user.email=pping@example.com'];
  git(...author, 'commit', '--quiet', '--message=All');
  return git('rev-parse', 'HEAD').trim();
}

describe('in a checkout', () => {
  test('it is the commit, whatever lies there besides', () => {
    const commit = commitAll('project');
    writeFileSync(inFolder('project/untracked'), '');
    expect(said()).toBe(`${commit.slice(0, 7)}\n`);
  });

  test.each([
    ['changed', () => writeFileSync(inFolder(SOURCE), 'changed\n')],
    ['removed', () => rmSync(inFolder(SOURCE))],
    ['executable', () => chmodSync(inFolder(SOURCE), 0o755)],
  ])('what is %s makes it dirty', (_, change) => {
    const commit = commitAll('project');
    change();
    expect(said()).toBe(`${commit.slice(0, 7)}-dirty\n`);
  });

  test('written anew, a file is the same', () => {
    const commit = commitAll('project');
    writeFileSync(inFolder(SOURCE), 'as it was committed\n');
    expect(said()).toBe(`${commit.slice(0, 7)}\n`);
  });

  test('of another project, it is none of ours', () => {
    commitAll('');
    expect(said()).toBe('');
  });
});

test('outside of one, and without git, it is nothing', () => {
  expect(said()).toBe('');
  commitAll('project');
  mkdirSync(inFolder('without-git'));
  for (const program of ['bash', 'dirname', 'env']) {
    const path = execFileSync('which', [program], { encoding: 'utf8' }).trim();
    cpSync(path, inFolder(`without-git/${program}`), { dereference: true });
  }
  expect(said(inFolder('without-git'))).toBe('');
});
