/** Compressed captures and runs, as this Node can read them. tools/test-nodes runs this on each that is supported. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import * as zlib from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { pping } from '../../lab/places.js';
import { replayHere, runHere } from '../helpers/command/in-process.js';
import { conversation } from '../helpers/core/replayed.js';
import { pcap } from '../helpers/packets/captures.js';
import {
  BLOCK_BYTES,
  blockHeader,
  frameHeader,
  READS_ZSTD,
  skippableFrame,
  ZSTD_OF_NOTHING,
  zstdFrame,
} from '../helpers/packets/zstd.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const inFolder = useTemporaryFolder();
const PACKETS = conversation(4_000);
const CAPTURE = pcap(PACKETS, { nanoseconds: true });
const OPTIONS = ['--rate', '0', '--format', 'ndjson'];

/** What zstd itself would make of it, where this Node can. */
function compressed(data: Buffer): Buffer {
  const { zstdCompressSync } = zlib as { zstdCompressSync?: (data: Buffer) => Buffer };
  return zstdCompressSync?.(data) ?? zstdFrame(data);
}

async function replayed(bytes: Buffer, name = 'x.pcap') {
  const path = inFolder(name);
  writeFileSync(path, bytes);
  const outcome = await replayHere(['-r', path, ...OPTIONS]);
  return { ...outcome, last: outcome.stderr.trimEnd().split('\n').at(-1) ?? '' };
}

test('whether zstd is read follows from the version of Node', () => {
  expect('createZstdDecompress' in zlib).toBe(READS_ZSTD);
});

describe('a capture that zstd has compressed', () => {
  const middle = Math.floor(CAPTURE.length / 2);
  const halves = [CAPTURE.subarray(0, middle), CAPTURE.subarray(middle)] as const;
  test.each<[string, Buffer]>([
    ['in one frame', zstdFrame(CAPTURE)],
    ['in one that is really compressed', compressed(CAPTURE)],
    ['in two frames', Buffer.concat(halves.map(zstdFrame))],
    [
      'in two, as pzstd does',
      Buffer.concat(halves.flatMap((half) => [skippableFrame(Buffer.alloc(4)), compressed(half)])),
    ],
    [
      'with something that is skipped behind it',
      Buffer.concat([zstdFrame(CAPTURE), skippableFrame(Buffer.alloc(9))]),
    ],
  ])('%s, is read, or one line says how', async (_, bytes) => {
    const path = inFolder('x.pcap.zst');
    const outcome = await replayed(bytes, 'x.pcap.zst');
    if (READS_ZSTD) {
      const plain = await replayed(CAPTURE);
      expect(outcome.code).toBe(0);
      expect(plain.lines.length).toBeGreaterThan(4_000);
      expect(outcome.stdout === plain.stdout).toBe(true);
    } else {
      expectRefusal(outcome, `zstd -dc ${path} | pping -r -`);
    }
  });

  test('comes in by standard input, too', () => {
    const input = compressed(CAPTURE);
    const args = [pping, '-r', '-', ...OPTIONS];
    const options = { input, encoding: 'utf8', maxBuffer: 1 << 28 } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
    if (READS_ZSTD) {
      expect(status).toBe(0);
      expect(stdout.split('\n').filter((line) => line.includes('"rtt"'))).toHaveLength(4_000);
    } else {
      expectRefusal({ code: status, stdout, stderr }, 'zstd -dc | pping -r -');
    }
  });

  test.each([1, 2, 50])('and is cut at 1/%d of it: all before is measured', async (part) => {
    const whole = Buffer.concat([zstdFrame(CAPTURE), zstdFrame(Buffer.alloc(0))]);
    const cut = whole.subarray(0, Math.ceil(whole.length / part) - 1);
    const outcome = await replayed(cut, 'cut.zst');
    if (!READS_ZSTD) return expectRefusal(outcome, `zstd -dc ${inFolder('cut.zst')} | pping -r -`);
    expect(outcome.last).toBe(
      `pping: ${inFolder('cut.zst')} is cut short: its compressed data ends too early`,
    );
    expect(outcome.code).toBe(1);
    const left = part === 1 ? CAPTURE : dataIn(cut);
    const plain = await replayed(left);
    expect(outcome.lines.length).toBeGreaterThan(1);
    expect(outcome.stdout === plain.stdout).toBe(true);
  });

  test.each<[string, Buffer, RegExp]>([
    ['that is damaged', damagedAtEnd(), /damaged: (Data corruption detected|.*corrupt)/],
    [
      'that something else follows',
      Buffer.concat([zstdFrame(CAPTURE), Buffer.alloc(40, 7)]),
      /is damaged: something else follows its compressed data$/,
    ],
  ])('%s: all before is measured, one line says so, exit 1', async (_, bytes, message) => {
    const outcome = await replayed(bytes, 'bad.zst');
    if (!READS_ZSTD) return expectRefusal(outcome, `zstd -dc ${inFolder('bad.zst')} | pping -r -`);
    const plain = await replayed(CAPTURE);
    expect(outcome.last).toMatch(message);
    expect(outcome.code).toBe(1);
    expect(outcome.stdout === plain.stdout).toBe(true);
  });

  test('and is nothing is empty', async () => {
    const outcome = await replayed(ZSTD_OF_NOTHING, 'x.zst');
    const path = inFolder('x.zst');
    if (!READS_ZSTD) return expectRefusal(outcome, `zstd -dc ${path} | pping -r -`);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toBe(`pping: ${path} is empty once decompressed\n`);
  });

  test('and takes much memory is not read: one line says how', async () => {
    const bytes = Buffer.concat([frameHeader(0, 0x90), blockHeader(0, 0, true)]);
    const outcome = await replayed(bytes, 'large.zst');
    const option = READS_ZSTD ? ' --long=31' : '';
    expectRefusal(outcome, `zstd -dc${option} ${inFolder('large.zst')} | pping -r -`);
    if (READS_ZSTD) expect(outcome.stderr).toContain('takes 256 MiB');
  });
});

describe('a capture that gzip has compressed', () => {
  const whole = zlib.gzipSync(CAPTURE);

  test('and that something else follows: all before is measured, one line says so, exit 1', async () => {
    const outcome = await replayed(Buffer.concat([whole, Buffer.from('garbage here')]), 'x.gz');
    expect(outcome.last).toBe(
      `pping: ${inFolder('x.gz')} is damaged: something else follows its compressed data`,
    );
    expect(outcome.code).toBe(1);
    expect(outcome.stdout === (await replayed(CAPTURE)).stdout).toBe(true);
  });

  test('in two members, with zeros behind them', async () => {
    const middle = Math.floor(CAPTURE.length / 2);
    const halves = [CAPTURE.subarray(0, middle), CAPTURE.subarray(middle)];
    const parts = [...halves.map((half) => zlib.gzipSync(half)), Buffer.alloc(1_000)];
    const outcome = await replayed(Buffer.concat(parts), 'x.gz');
    expect(outcome.code).toBe(0);
    expect(outcome.stdout === (await replayed(CAPTURE)).stdout).toBe(true);
  });
});

describe('a run that zstd has compressed', () => {
  test('becomes a report', async () => {
    await runHere([
      '-r',
      inFolderWith('x.pcap', CAPTURE),
      ...OPTIONS,
      '-o',
      inFolder('run.ndjson'),
    ]);
    const lines = readFileSync(inFolder('run.ndjson'));
    const path = inFolderWith('run.ndjson.zst', compressed(lines));
    const { code, stdout, stderr } = await runHere(['report', path]);
    if (!READS_ZSTD) {
      return expectRefusal({ code, stdout, stderr }, `zstd -dc ${path} | pping report -`);
    }
    expect(code).toBe(0);
    expect(stderr).toMatch(/^\S+run\.html: 4000 samples of 1 flow /);
  });
});

function inFolderWith(name: string, bytes: Buffer): string {
  writeFileSync(inFolder(name), bytes);
  return inFolder(name);
}

/** Of the frame that is cut: each block has a header of three bytes, the frame one of six. */
function dataIn(cut: Buffer): Buffer {
  const blocks = [];
  for (let at = 6; at < cut.length; at += 3 + BLOCK_BYTES) {
    blocks.push(cut.subarray(at + 3, at + 3 + BLOCK_BYTES));
  }
  return Buffer.concat(blocks);
}

/** The capture, and behind it a block of a kind that there is not. */
function damagedAtEnd(): Buffer {
  const frame = zstdFrame(CAPTURE);
  const rest = Buffer.concat([frameHeader(0, 0x30), blockHeader(100, 3, true), Buffer.alloc(100)]);
  return Buffer.concat([frame, rest]);
}

function expectRefusal(
  outcome: { code: number | null; stdout: string; stderr: string },
  command: string,
): void {
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  expect(outcome.stderr.endsWith(`: ${command}\n`)).toBe(true);
  expect(outcome.stderr.trimEnd()).not.toContain('\n');
}
