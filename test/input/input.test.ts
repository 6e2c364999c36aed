/** Inputs that can be opened, and not be read. */
import { expect, test } from '@jest/globals';
import { Fault } from '../../src/faults.js';
import { openInput } from '../../src/input/input.js';

/** Nothing is mapped at its beginning. */
const UNREADABLE = '/proc/self/mem';

test('a file whose first bytes cannot be read is named', async () => {
  const opening = openInput(UNREADABLE);
  await expect(opening).rejects.toThrow(`${UNREADABLE}: input/output error`);
  await expect(opening).rejects.toBeInstanceOf(Fault);
});
