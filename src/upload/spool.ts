/**
 * Batches on disk, for a server that does not take them now: a file each, the oldest first. They stay when the
 * process ends, and the next one sends them.
 */
import { constants, readdirSync, rmSync, statSync } from 'node:fs';
import { access, open, rename, rm } from 'node:fs/promises';
import { messageOf, UsageError, writeFault } from '../faults.js';
import { ownPath } from '../own-path.js';
import type { Batch } from './batch.js';
import { makeFolder, syncFolder } from './folder.js';
import { leaveFolder, takeFolder } from './lock.js';

/** Who talks to whom, and when, is not for everybody. */
const FILE_MODE = 0o640;
const OTHERS_WRITE = 0o022;
const ROOT_UID = 0;
/** What a file takes on most file systems at the least. */
const BLOCK = 4096;
/** Number in order, and how many lines it has. */
const NAME = /^(\d{12})-(\d+)\.ndjson\.gz$/;
const UNFINISHED = '.part';
const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

interface Entry {
  readonly name: string;
  readonly lines: number;
  readonly bytes: number;
}

export class Spool {
  readonly #folder: string;
  readonly #most: number;
  readonly #entries: Entry[];
  #bytes = 0;
  #lines = 0;
  #next = 1;

  private constructor(folder: string, most: number, entries: Entry[]) {
    this.#folder = folder;
    this.#most = most;
    this.#entries = entries;
    for (const { bytes, lines } of entries) this.#count(bytes, lines);
    const last = entries.at(-1);
    if (last) this.#next = Number(NAME.exec(last.name)?.[1]) + 1;
  }

  /**
   * Takes the folder for this process, with what an earlier one has left in it.
   * Throws a UsageError where it cannot be used.
   * @param most bytes that it may take on the disk
   */
  static async open(path: string, most: number): Promise<Spool> {
    makeFolder(path);
    try {
      const folder = ownPath(path);
      await refuseUnsafe(folder);
      const holder = takeFolder(folder);
      if (holder !== undefined) throw new Error(`in use by process ${holder}`);
      return new Spool(folder, most, await entriesIn(folder));
    } catch (error) {
      throw new UsageError(faultIn(path, error));
    }
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Of all batches in it. */
  get lines(): number {
    return this.#lines;
  }

  /** Whether there is room for so many bytes. */
  fits(bytes: number): boolean {
    return this.#bytes + onDisk(bytes) <= this.#most;
  }

  /** To be called only where it fits. Rejects where it cannot be written. */
  async add({ body, lines }: Batch): Promise<void> {
    const name = `${String(this.#next).padStart(12, '0')}-${lines}.ndjson.gz`;
    const path = `${this.#folder}/${name}`;
    await writeWhole(`${path}${UNFINISHED}`, body);
    await rename(`${path}${UNFINISHED}`, path);
    await this.#keepName(path);
    this.#next++;
    this.#entries.push({ name, lines, bytes: onDisk(body.length) });
    this.#count(onDisk(body.length), lines);
  }

  /** What a machine that loses power leaves has its name. Where it may not, the batch is not here. */
  async #keepName(path: string): Promise<void> {
    try {
      await syncFolder(this.#folder);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  /** The oldest, to be called only where it is not empty. Rejects where it cannot be read. */
  async first(): Promise<Batch> {
    const [entry] = this.#entries as [Entry];
    const file = await open(`${this.#folder}/${entry.name}`, O_RDONLY | O_NOFOLLOW);
    try {
      return { body: await file.readFile(), lines: entry.lines };
    } finally {
      await file.close();
    }
  }

  /** Removes the oldest. Rejects where its file stays, which the next run would send again. */
  async removeFirst(): Promise<void> {
    const entry = this.#entries.shift();
    if (!entry) return;
    this.#count(-entry.bytes, -entry.lines);
    await rm(`${this.#folder}/${entry.name}`, { force: true });
  }

  /** Leaves the folder to the next process, with all that is in it. */
  close(): void {
    leaveFolder(this.#folder);
  }

  #count(bytes: number, lines: number): void {
    this.#bytes += bytes;
    this.#lines += lines;
  }
}

/** What a machine that loses power leaves is whole, or has another name. */
async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Who can write into the folder could have any file sent that pping can read. */
async function refuseUnsafe(folder: string): Promise<void> {
  const stat = statSync(folder);
  if (!stat.isDirectory()) throw new Error('not a directory');
  const { uid, mode } = stat;
  const { geteuid } = process;
  if (geteuid && uid !== ROOT_UID && uid !== geteuid()) {
    throw new Error('owned by another user');
  }
  if (geteuid && (mode & OTHERS_WRITE) !== 0) throw new Error('writable by others');
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
}

/** In order. What is not whole is removed. */
async function entriesIn(folder: string): Promise<Entry[]> {
  const names = readdirSync(folder).sort();
  for (const name of names) {
    if (name.endsWith(UNFINISHED)) rmSync(`${folder}/${name}`);
  }
  const entries: Entry[] = [];
  for (const name of names.filter((each) => NAME.test(each))) {
    await access(`${folder}/${name}`, constants.R_OK);
    const bytes = onDisk(statSync(`${folder}/${name}`).size);
    entries.push({ name, lines: Number(NAME.exec(name)?.[2]), bytes });
  }
  return entries;
}

/** Ours have no code, and Node's name the file that failed. */
function faultIn(path: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? `${path}: ${messageOf(error)}` : writeFault(path, error);
}

function onDisk(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK;
}
