/** The project's documents, as tests read them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../../lab/places.js';

/** All of them, by their path from the root. */
export function documents(): string[] {
  const inFolder = (folder: string) =>
    readdirSync(join(repositoryRoot, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name));
  return [...inFolder('.'), ...inFolder('docs')].sort();
}

export function readDocument(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8');
}

/** Cells of the first table below that heading, without its head. */
export function tableBelow(markdown: string, heading: string): string[][] {
  const [, section] = markdown.split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`no section "${heading}"`);
  const lines = section.split('\n');
  const start = lines.findIndex((line) => line.startsWith('| --- '));
  const rows = lines.slice(start + 1);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands between backquotes. */
export function codeIn(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, code = '']) => code);
}

/** What stands in lines that are indented, each block by itself. */
export function codeBlocksIn(markdown: string): string[] {
  return Array.from(markdown.matchAll(/(?:^ {4}.*\n)+/gm), ([block]) =>
    block.replace(/^ {4}/gm, ''),
  );
}
