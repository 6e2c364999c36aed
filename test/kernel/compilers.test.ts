/** The verifier accepts what every clang here makes of the programs, and its WebAssembly measures the same. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PROGRAMS } from '../../lab/kernel/kernel.js';
import { type FixedSettings, writeFixedSettings } from '../../src/core/fixed-settings.js';
import { BpfObject } from '../../src/libbpf/object.js';
import { FIXED_MAP } from '../../src/maps/settings.js';
import { DEFAULT_CAPACITY } from '../../src/sampling/policy.js';
import { conversation, replayFile } from '../helpers/core/replayed.js';
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
  { name: 'tc_pping', define: '', programs: PROGRAMS },
  { name: 'tc_pping', define: '-DPPING_OWNERS', programs: PROGRAMS },
  { name: 'tc_pping', define: '-DPPING_OWNERS -DPPING_ORIGINALS', programs: PROGRAMS },
  { name: 'socket_owners', define: '', programs: ['pping_owners'] },
  { name: 'programs', define: '', programs: ['pping_programs'] },
];
const compiled = compilers().flatMap((clang) => VARIANTS.map((variant) => ({ clang, ...variant })));

test.each(compiled)('$clang: the kernel accepts $name $define', (variant) => {
  const { clang, name, define, programs } = variant;
  const path = join(folder, `${name}${define.replaceAll(' ', '')}-${clang}.o`);
  const what = [`CLANG=${clang}`, `SOURCE=bpf/${name}.c`, `OBJECT=${path}`, `DEFINE=${define}`];
  execFileSync('make', ['-s', '-C', ROOT, 'bpf-object', ...what]);
  load(path, programs);
  // What constants leave out of a program, the verifier does not look at.
  if (name === 'tc_pping') load(path, programs, everything(define));
});

function load(path: string, programs: readonly string[], fixed?: FixedSettings): void {
  const object = new BpfObject(path);
  try {
    if (fixed) writeFixedSettings(object.map(FIXED_MAP), fixed);
    object.load(programs);
  } finally {
    object.close();
  }
}

/** All that the object can do, asked for. */
function everything(define: string): FixedSettings {
  const attribution = {
    owners: define.includes('OWNERS'),
    originals: define.includes('ORIGINALS'),
    isFiltered: define.includes('OWNERS'),
    namespace: 1,
  };
  const { flows: maxFlows } = DEFAULT_CAPACITY;
  return { linkLayer: 'ethernet', tickNs: 4_000_000n, maxFlows, tunnels: true, attribution };
}

test.each(compilers())('%s: its WebAssembly replays as the one that is shipped', async (clang) => {
  const module = join(folder, `${clang}.wasm`);
  const capture = join(folder, 'x.pcap');
  execFileSync('make', ['-s', '-C', ROOT, 'wasm-module', `CLANG=${clang}`, `OBJECT=${module}`]);
  writeFileSync(capture, pcap(conversation(100)));
  const replayed = await replayFile(capture, [], module);
  expect(replayed.rtts).toHaveLength(100);
  expect(replayed).toEqual(await replayFile(capture));
});
