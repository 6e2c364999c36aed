/** pping as others than its developers have it. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../../lab/places.js';

/** The package, readable by everybody, wherever the repository is. @returns the command */
export function installForAll(folder: string): string {
  const parts = ['bin', 'dist/pping', 'dist/bpf', 'package.json', ...modules()];
  for (const part of parts) {
    cpSync(join(repositoryRoot, part), join(folder, part), { recursive: true });
  }
  execFileSync('chmod', ['-R', 'a+rX', folder]);
  return join(folder, 'bin/pping');
}

/** What is needed to run, and not to develop. */
function modules(): string[] {
  const lock = readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(lock) as { packages: Record<string, { dev?: true }> };
  const names = Object.keys(packages).filter((path) => path !== '' && !packages[path]?.dev);
  return names.filter((path) => existsSync(join(repositoryRoot, path)));
}
