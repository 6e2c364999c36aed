/** A machine's files, in a folder of one test's own. */
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HostFiles } from '../../../src/owners/host-files.js';
import { useTemporaryFolder } from './temporary.js';

export interface HostTree {
  /** As pping reads them. @param uid whose are believed, by default those of whoever runs the tests: made here, all are */
  files(uid?: number): HostFiles;
  /** Where the path is. */
  at(path: string): string;
  /** Makes a file with its directories: nobody else may write to any of them. */
  file(path: string, content: string | object): void;
  folder(path: string): void;
  /** @param target absolute within the tree, or relative */
  link(path: string, target: string): void;
  /** So that a further change shows, however soon it comes. */
  settle(path: string): void;
  chmod(path: string, mode: number): void;
}

const OWN_UID = process.getuid?.() ?? 0;
const LONG_AGO = new Date('2026-01-01T00:00:00Z');

export function useHostTree(): HostTree {
  const inFolder = useTemporaryFolder();
  const at = (path: string) => join(inFolder(''), path);
  const folder = (path: string) => {
    if (path === '/') return;
    folder(dirname(path));
    mkdirSync(at(path), { recursive: true });
    chmodSync(at(path), 0o755);
  };
  return {
    at,
    folder,
    files: (uid = OWN_UID) => new HostFiles({ root: at('/'), uid }),
    file: (path, content) => {
      folder(dirname(path));
      writeFileSync(at(path), typeof content === 'string' ? content : JSON.stringify(content));
      chmodSync(at(path), 0o600);
    },
    link: (path, target) => {
      folder(dirname(path));
      symlinkSync(target, at(path));
    },
    settle: (path) => utimesSync(at(path), LONG_AGO, LONG_AGO),
    chmod: (path, mode) => chmodSync(at(path), mode),
  };
}
