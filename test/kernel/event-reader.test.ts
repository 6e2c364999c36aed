/** A reader that waits, while another takes the events that it waits for. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { DrivenKernel, WHAT } from '../../lab/kernel/drivers.js';
import { PATIENCE } from '../../lab/until.js';
import { EventReader } from '../../src/live/event-reader.js';
import { SETTINGS_MAP, SettingsMap } from '../../src/maps/settings.js';

/** Longer than a test may take. */
const LONG_MS = 600_000;

jest.setTimeout(120_000 * PATIENCE);

class Opened extends DrivenKernel {
  read(): { settings: SettingsMap; reader: EventReader } {
    const settings = new SettingsMap(this.object.map(SETTINGS_MAP).fd);
    return { settings, reader: new EventReader(this.object, settings, false) };
  }
}

let kernel: Opened;
let settings: SettingsMap;
let reader: EventReader;

beforeEach(() => {
  kernel = new Opened({ rate: 0n, includeLocal: true });
  ({ settings, reader } = kernel.read());
});

afterEach(() => {
  reader.close();
  settings.close();
  kernel.close();
});

const tell = () =>
  kernel.drive({ first: 0, count: 1, what: WHAT.request + WHAT.answer, identifier: 1 });

test('the next event ends its wait', async () => {
  const waited = reader.waitForEvent(LONG_MS);
  tell();
  await waited;
  expect(reader.drain({ onEvent: () => {} }, 100)).toBeGreaterThan(0);
});

/** Between the kernel's wakeup and the thread that it wakes: epoll asks again whether there is something. */
test('events that were taken before it woke up do not leave it asleep', async () => {
  const waited = reader.waitForEvent(LONG_MS);
  settings.readerWaits = 'isAwake';
  tell();
  expect(reader.drain({ onEvent: () => {} }, 100)).toBeGreaterThan(0);
  await waited;
});
