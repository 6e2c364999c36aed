/** Batches on disk: in order, whole, bounded, and of one process at a time. */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { describe, expect, jest, test } from '@jest/globals';
import { Tmpfs } from '../../lab/tmpfs.js';
import { UsageError } from '../../src/faults.js';
import { makeFolder } from '../../src/upload/folder.js';
import { Spool } from '../../src/upload/spool.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const BLOCK = 4096;
const MOST = 10 * BLOCK;
const STRANGER = 65_534;
/** Who is not cannot give files away. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;

const inFolder = useTemporaryFolder();
const open = (most = MOST) => Spool.open(inFolder('spool'), most);
const batch = (text: string, lines = 1) => ({ body: Buffer.from(text), lines });
const files = () => readdirSync(inFolder('spool')).filter((name) => name !== 'lock');

describe('batches', () => {
  test('come out in the order in which they went in, also of the next process', async () => {
    const spool = await open();
    for (const text of ['one', 'two', 'three']) await spool.add(batch(text, text.length));
    expect(spool.lines).toBe(11);
    expect((await spool.first()).body.toString()).toBe('one');
    await spool.removeFirst();
    spool.close();

    const next = await open();
    await next.add(batch('four', 4));
    const found: string[] = [];
    while (!next.isEmpty) {
      found.push((await next.first()).body.toString());
      await next.removeFirst();
    }
    expect(found).toEqual(['two', 'three', 'four']);
    expect(next.lines).toBe(0);
    next.close();
    expect(readdirSync(inFolder('spool'))).toEqual([]);
  });

  test('are files that others cannot read, named by order and lines', async () => {
    const spool = await open();
    await spool.add(batch('one', 7));
    expect(files()).toEqual(['000000000001-7.ndjson.gz']);
    expect(statSync(inFolder('spool/000000000001-7.ndjson.gz')).mode & 0o007).toBe(0);
    expect(statSync(inFolder('spool')).mode & 0o007).toBe(0);
  });

  test('fit up to the size, which counts blocks', async () => {
    const spool = await open(3 * BLOCK);
    await spool.add(batch('x'));
    expect(spool.fits(2 * BLOCK)).toBe(true);
    expect(spool.fits(2 * BLOCK + 1)).toBe(false);
    await spool.removeFirst();
    expect(spool.fits(3 * BLOCK)).toBe(true);
  });

  test('have their names on the disk, too, before they count as written', async () => {
    const spool = await open();
    const synced = await syncedFolders(() => spool.add(batch('one', 7)));
    expect(synced).toEqual([['000000000001-7.ndjson.gz']]);
    await syncedFolders(async () => {
      await expect(spool.add(batch('two'))).rejects.toThrow('EIO');
    }, 'EIO');
    expect(files()).toEqual(['000000000001-7.ndjson.gz']);
    expect(spool.lines).toBe(7);
    // Where folders cannot be synchronized there is nothing better.
    await syncedFolders(() => spool.add(batch('two')), 'EINVAL');
    expect(files()).toHaveLength(2);
    spool.close();
  });

  test('that were not written to their end are removed', async () => {
    mkdirSync(inFolder('spool'));
    writeFileSync(inFolder('spool/000000000001-7.ndjson.gz.part'), 'hal');
    writeFileSync(inFolder('spool/notes'), 'of somebody');
    const spool = await open();
    expect(spool.isEmpty).toBe(true);
    expect(files()).toEqual(['notes']);
  });

  test('that are links are not read: they could lead to any file', async () => {
    mkdirSync(inFolder('spool'));
    symlinkSync('/etc/passwd', inFolder('spool/000000000001-7.ndjson.gz'));
    await expect((await open()).first()).rejects.toThrow('ELOOP');
  });
});

describe('a folder', () => {
  test('is of one process at a time', async () => {
    const spool = await open();
    const text = readlinkSync(inFolder('spool/lock'));
    expect(text).toMatch(new RegExp(`^${process.pid} `));
    // The first of all processes lives as long as the machine.
    const stat = readFileSync('/proc/1/stat', 'utf8');
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const [, boot] = text.split(' ');
    rmSync(inFolder('spool/lock'));
    symlinkSync(`1 ${boot} ${started}`, inFolder('spool/lock'));
    await expect(open()).rejects.toThrow(
      new UsageError(`${inFolder('spool')}: in use by process 1`),
    );
    spool.close();
  });

  // Only a mount of one's own can be filled up.
  asRoot('can be used where the disk is full: what is in it is sent', async () => {
    const disk = await Tmpfs.create(16 * BLOCK);
    try {
      mkdirSync(disk.pathOf('spool'), { mode: 0o750 });
      writeFileSync(disk.pathOf('spool/000000000001-7.ndjson.gz'), 'one');
      disk.fill({ but: 0 });
      const spool = await Spool.open(disk.pathOf('spool'), MOST);
      expect((await spool.first()).body.toString()).toBe('one');
      await expect(spool.add(batch('two'))).rejects.toThrow('ENOSPC');
      await spool.removeFirst();
      spool.close();
      expect(readdirSync(disk.pathOf('spool'))).toEqual([]);
    } finally {
      await disk.close();
    }
  });

  test.each([
    ['has ended', '4194304 boot 1'],
    ['was of an earlier boot', '1 boot 1'],
    ['is not to be known', ''],
  ])('is free where the process that had it %s', async (_, lock) => {
    mkdirSync(inFolder('spool'));
    writeFileSync(inFolder('spool/lock'), lock);
    const spool = await open();
    expect(readlinkSync(inFolder('spool/lock'))).toMatch(`${process.pid} `);
    spool.close();
    expect(readdirSync(inFolder('spool'))).toEqual([]);
  });

  test.each([0o770, 0o777, 0o1777])('that others can write to (%o) is refused', async (mode) => {
    mkdirSync(inFolder('spool'));
    chmodSync(inFolder('spool'), mode);
    await expect(open()).rejects.toThrow(
      new UsageError(`${inFolder('spool')}: writable by others`),
    );
  });

  asRoot('of another user is refused', async () => {
    mkdirSync(inFolder('spool'));
    chownSync(inFolder('spool'), STRANGER, STRANGER);
    await expect(open()).rejects.toThrow(`${inFolder('spool')}: owned by another user`);
  });

  asRoot('is made for whom the run goes on as', () => {
    makeFolder(inFolder('spool'), { uid: STRANGER, gid: STRANGER });
    expect(statSync(inFolder('spool'))).toMatchObject({ uid: STRANGER, gid: STRANGER });
  });

  test('that cannot be made, or is a file, is refused by its name', async () => {
    writeFileSync(inFolder('file'), '');
    await expect(Spool.open(inFolder('a/b'), MOST)).rejects.toThrow(
      new UsageError(`${inFolder('a/b')}: no such directory`),
    );
    await expect(Spool.open(inFolder('file'), MOST)).rejects.toThrow(
      new UsageError(`${inFolder('file')}: not a directory`),
    );
  });
});

/** @returns what was in the spool each time that it was synchronized; @param code which fails with that error */
async function syncedFolders(work: () => Promise<void>, code?: string): Promise<string[][]> {
  const found: string[][] = [];
  const handle = await openFile(inFolder('.'), 'r');
  const spy = jest.spyOn(Object.getPrototypeOf(handle), 'sync');
  await handle.close();
  spy.mockImplementation(async function (this: FileHandle) {
    if (!(await this.stat()).isDirectory()) return;
    if (code !== undefined) throw Object.assign(new Error(code), { code });
    found.push(files());
  });
  try {
    await work();
  } finally {
    spy.mockRestore();
  }
  return found;
}
