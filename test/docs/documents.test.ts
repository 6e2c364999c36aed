/** What documents point to is there, and editors of any width show them well. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { codeIn, documents, readDocument } from '../helpers/documents/documents.js';

const WIDTH = 100;
/** Files of the repository, and folders, as they are named in running text. */
const PATH =
  /^(bench|bin|bpf|docs|examples|kernels|lab|man|packaging|share|soak|src|test|tools)\/[\w@./-]*$/;

test('there are many', () => expect(documents().length).toBeGreaterThan(18));

describe.each(documents())('%s', (path) => {
  const text = readDocument(path);

  test('links to what is there', () => {
    const links = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link);
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(local.filter((link) => !leads(path, link))).toEqual([]);
  });

  test('has no long lines, tables and code apart', () => {
    const lines = text.split('\n').filter((line) => !/^(\||!\[| {4})/.test(line));
    expect(lines.filter((line) => line.length > WIDTH && line.trim().includes(' '))).toEqual([]);
  });
});

test.each(['docs/architecture.md', 'CONTRIBUTING.md'])('%s names files that are there', (path) => {
  const named = codeIn(readDocument(path)).filter((code) => PATH.test(code));
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !existsSync(join(repositoryRoot, name)))).toEqual([]);
});

test('make help begins with what a newcomer wants, and fits', () => {
  const help = execFileSync('make', ['-s', 'help'], { cwd: repositoryRoot, encoding: 'utf8' });
  const lines = help.split('\n');
  const targets = lines.map((line) => /^ {2}make (\S+)/.exec(line)?.[1]);
  expect(targets.slice(0, 4)).toEqual(['setup', 'build', 'test', 'demo']);
  expect(targets).toContain('clean');
  expect(lines.filter((line) => line.length > WIDTH)).toEqual([]);
});

/** To a file, and where it says so to a heading of it. */
function leads(from: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? from : normalize(join(dirname(from), file));
  if (!existsSync(join(repositoryRoot, target))) return false;
  return anchor === undefined || anchorsIn(readDocument(target)).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsIn(text: string): string[] {
  return Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
