/** Two CPUs that ask for the owner of one flow at once, each the socket of another end: one of them is told, whole and once. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { PATIENCE } from '../../lab/until.js';
import { ClaimingKernel } from '../helpers/kernel/claims.js';
import type { ToldOwner } from '../helpers/kernel/opened.js';

jest.setTimeout(600_000 * PATIENCE);

const FLOWS = 10_000;
/** So often the next segment has to be another CPU's, or nothing was put to the test. */
const TURNS = 20_000;
const MOST_ROUNDS = 200;

let kernel: ClaimingKernel;
beforeAll(() => {
  kernel = new ClaimingKernel(FLOWS);
});
afterAll(() => kernel.close());

/** As in claims.c: all of an owner is one number. */
function isWhole({ pid, uid, socketCookie, cgroup, comm }: ToldOwner): boolean {
  const letters = Array.from({ length: 8 }, (_, at) =>
    String.fromCharCode('a'.charCodeAt(0) + ((pid >>> (4 * at)) & 15)),
  );
  return (
    uid === pid &&
    socketCookie === BigInt(pid) &&
    cgroup === socketCookie &&
    comm === letters.join('')
  );
}

test('an owner is told once for each flow, and never a mixture of two', async () => {
  const ends = { connected: 0, accepted: 0 };
  let round = 0;
  for (let turns = 0; turns < TURNS; round++) {
    expect(round).toBeLessThan(MOST_ROUNDS);
    const first = round * FLOWS;
    turns += await kernel.claim(first, FLOWS);
    const { owners } = kernel.told();
    expect(owners.filter((owner) => !isWhole(owner))).toEqual([]);
    expect(new Set(owners.map(({ flowId }) => flowId)).size).toBe(owners.length);
    const flows = owners
      .map(({ pid }) => Math.floor((pid - 1) / 2))
      .sort((one, other) => one - other);
    expect(flows).toEqual(Array.from({ length: FLOWS }, (_, flow) => first + flow));
    for (const { pid } of owners) ends[pid % 2 === 1 ? 'connected' : 'accepted']++;
    await kernel.forget();
  }
  expect(ends.connected).toBeGreaterThan(0);
  expect(ends.accepted).toBeGreaterThan(0);
});
