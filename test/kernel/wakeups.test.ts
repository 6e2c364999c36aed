/** Of a reader that goes to sleep while a CPU tells of something, one of the two sees the other. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { Random } from '../../lab/random.js';
import { PATIENCE } from '../../lab/until.js';
import { SETTINGS } from '../../src/core/layouts.js';
import { BpfObject } from '../../src/libbpf/object.js';
import { runProgramAsync } from '../../src/libbpf/run-program.js';
import { RingBuffer } from '../../src/maps/ring.js';
import { SETTINGS_MAP, SettingsMap } from '../../src/maps/settings.js';

const FRAME = Buffer.alloc(64);
/** As many as a run has within a second or two; a slow machine has fewer in so many runs. */
const SLEEPS = 20_000;
const RUNS = 10;
/** Or nothing was put to the test: a busy machine may run one after the other for many runs. */
const LEAST_SLEEPS = 100;
const MOST_RUNS = 10 * RUNS;
/** Without an event: the other CPU has told its last. */
const IDLE_MS = 200;
/** Steps of a loop, so that the two meet at each moment there is. */
const LONGEST_PAUSE = 400;

jest.setTimeout(600_000 * PATIENCE);

let object: BpfObject;
let ring: RingBuffer;
let settings: SettingsMap;

beforeEach(() => {
  object = new BpfObject(join(repositoryRoot, 'dist/test/kernel/wakeups.o'));
  object.load(['tell_often']);
  const { fd, maxEntries } = object.map('events');
  ring = new RingBuffer(fd, maxEntries);
  settings = new SettingsMap(object.map(SETTINGS_MAP).fd);
});

afterEach(() => {
  ring.close();
  settings.close();
  object.close();
});

test('no event leaves a reader asleep that has found none', async () => {
  const random = new Random(3);
  const counts = { sleeps: 0, forgotten: 0 };
  const areEnough = (runs: number) => counts.sleeps >= (runs < RUNS ? SLEEPS : LEAST_SLEEPS);
  for (let run = 0; run < MOST_RUNS && !areEnough(run); run++) {
    const telling = runProgramAsync(object.program('tell_often'), { data: FRAME });
    while (readNext(random, counts));
    await telling;
  }
  expect(counts.sleeps).toBeGreaterThanOrEqual(LEAST_SLEEPS);
  expect(counts.forgotten).toBe(0);
});

/** As LiveSource.waitForEvent(), but awake. @returns whether there was another event */
function readNext(random: Random, counts: { sleeps: number; forgotten: number }): boolean {
  for (let pause = random.below(LONGEST_PAUSE); pause > 0; pause--);
  settings.readerWaits = 'waitsForOne';
  const sleeps = ring.isEmpty;
  let isForgotten = false;
  // Asked before its place is free, and the next one is told of.
  const read = () => {
    isForgotten = isReaderSaidToWait();
  };
  const deadline = performance.now() + IDLE_MS;
  while (ring.drain(read) === 0) if (performance.now() > deadline) return false;
  if (sleeps) {
    counts.sleeps++;
    // Whoever told of it would have taken it back and woken the reader.
    if (isForgotten) counts.forgotten++;
  }
  return true;
}

function isReaderSaidToWait(): boolean {
  const { buffer, byteOffset } = settings.memory();
  return Atomics.load(new Int32Array(buffer, byteOffset + SETTINGS.readerWaits, 1), 0) !== 0;
}
