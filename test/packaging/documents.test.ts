/** Documents that packages install lead only to what is installed with them. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const file = useTemporaryFolder();

/** As packaging/tree puts them there. */
function install(): string {
  const folder = file('pping');
  for (const name of ['README.md', 'CHANGELOG.md', 'docs'])
    cpSync(join(repositoryRoot, name), join(folder, name), { recursive: true });
  for (const name of ['prometheus', 'clickhouse', 'grafana'])
    cpSync(join(repositoryRoot, 'share', name), join(folder, 'examples', name), {
      recursive: true,
    });
  return folder;
}

function rewrite(folder: string): void {
  execFileSync(process.execPath, [join(repositoryRoot, 'packaging/documents.js'), folder]);
}

/** `path of the document: link` */
function deadLinksIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const links = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link);
      const files = links.filter((link) => !/^([a-z]+:|#)/.test(link));
      const isDead = (link: string) =>
        !existsSync(join(folder, dirname(name), link.split('#')[0] ?? ''));
      return files.filter(isDead).map((link) => `${name}: ${link}`);
    });
}

test('those of this repository', () => {
  const folder = install();
  expect(deadLinksIn(folder).length).toBeGreaterThan(5);
  rewrite(folder);
  expect(deadLinksIn(folder)).toEqual([]);
  const fleet = readFileSync(join(folder, 'docs/fleet.md'), 'utf8');
  expect(fleet).toContain('](../examples/clickhouse/ttl.sql)');
  expect(fleet).toContain('](install.md#packages)');
});

test('a link to what is missing becomes its text, and others stay as they are', () => {
  const folder = file('documents');
  mkdirSync(folder);
  const text = '[a](gone.md#x), [b](b.md#y), [c](#z), [d](https://example.org), [e](share/e)\n';
  writeFileSync(join(folder, 'b.md'), text);
  rewrite(folder);
  expect(readFileSync(join(folder, 'b.md'), 'utf8')).toBe(
    'a, [b](b.md#y), [c](#z), [d](https://example.org), e\n',
  );
});
