/** Small C programs of single tests. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '../../../lab/places.js';

const { CLANG = 'clang', CC = 'cc' } = process.env;

/** Compiles BPF C to an object file. It may include what is in bpf/. */
export function compileBpf(source: string, object: string): void {
  const multiarch = `${execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim()}-linux-gnu`;
  const includes = [`-I/usr/include/${multiarch}`, `-I${join(repositoryRoot, 'bpf')}`];
  const flags = ['-O2', '-g', '-target', 'bpf', '-mcpu=v3', ...includes];
  execFileSync(CLANG, [...flags, '-x', 'c', '-c', '-', '-o', object], { input: source });
}

/** Compiles a file below test/helpers to a program, or to what the flags say. */
export function compileHelper(name: string, program: string, flags: readonly string[] = []): void {
  const source = join(repositoryRoot, 'test/helpers', name);
  execFileSync(CC, ['-O2', '-Wall', '-Wextra', '-Werror', ...flags, '-o', program, source]);
}
