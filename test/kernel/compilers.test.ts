/**
 * The verifier accepts what every clang here makes of the programs, and that of kernel 6.1 would as far as the stack
 * goes. Its WebAssembly measures the same.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AGGREGATED_BY } from '../../src/sampling/aggregation.js';
import { conversation, replayFile } from '../helpers/core/replayed.js';
import { deepestChains, MOST_STACK_BYTES } from '../helpers/kernel/call-chains.js';
import { everything, loadOnce } from '../helpers/kernel/everything.js';
import { pcap } from '../helpers/packets/captures.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pping-compilers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** clang, clang-14, clang-19, ...: whatever is installed. */
function compilers(): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders.flatMap((path) => {
    try {
      return readdirSync(path).filter((name) => /^clang(-\d+)?$/.test(name));
    } catch {
      return [];
    }
  });
  return [...new Set(found)].sort();
}

test('there is a clang', () => expect(compilers()).not.toEqual([]));

const VARIANTS = [
  { name: 'tc_pping', define: '' },
  { name: 'tc_pping', define: '-DPPING_OWNERS' },
  { name: 'tc_pping', define: '-DPPING_OWNERS -DPPING_ORIGINALS' },
  { name: 'tc_entries', define: '' },
  { name: 'socket_owners', define: '' },
  { name: 'programs', define: '' },
];
const compiled = compilers().flatMap((clang) => VARIANTS.map((variant) => ({ clang, ...variant })));

test.each(compiled)('$clang: the kernel accepts $name $define', (variant) => {
  const { clang, name, define } = variant;
  const path = join(folder, `${name}${define.replaceAll(' ', '')}-${clang}.o`);
  const what = [`CLANG=${clang}`, `SOURCE=bpf/${name}.c`, `OBJECT=${path}`, `DEFINE=${define}`];
  execFileSync('make', ['-s', '-C', ROOT, 'bpf-object', ...what]);
  expect(deepestChains(path).filter(({ bytes }) => bytes > MOST_STACK_BYTES)).toEqual([]);
  loadOnce(path);
  if (name !== 'tc_pping') return;
  const owners = define.includes('OWNERS');
  const fixed = everything({ owners, originals: define.includes('ORIGINALS') });
  for (const by of AGGREGATED_BY.filter((each) => owners || each !== 'owner'))
    loadOnce(path, fixed, by);
});

test.each(compilers())('%s: its WebAssembly replays as the one that is shipped', async (clang) => {
  const module = join(folder, `${clang}.wasm`);
  const capture = join(folder, 'x.pcap');
  execFileSync('make', ['-s', '-C', ROOT, 'wasm-module', `CLANG=${clang}`, `OBJECT=${module}`]);
  writeFileSync(capture, pcap(conversation(100)));
  const replayed = await replayFile(capture, [], module);
  expect(replayed.rtts).toHaveLength(100);
  expect(replayed).toEqual(await replayFile(capture));
});
