/**
 * The kernel that a guest runs takes each object, with all that it can do asked for. Old kernels count the stack
 * of each function in steps of 32 bytes, where newer ones have 16: they refuse first.
 */
import { execFileSync } from 'node:child_process';
import { beforeAll, jest, test } from '@jest/globals';
import {
  ENTRIES_OBJECT,
  OBJECT,
  ORIGINALS_OBJECT,
  OWNERS_OBJECT,
  SOCKET_OWNERS_OBJECT,
} from '../src/live/requirements.js';
import { AGGREGATED_BY } from '../src/sampling/aggregation.js';
import { everything, loadOnce } from '../test/helpers/kernel/everything.js';

jest.setTimeout(300_000);

/** What the last object calls. */
beforeAll(() => {
  execFileSync('modprobe', ['nf_conntrack']);
});

test.each([
  ['alone', OBJECT, { owners: false, originals: false }],
  ['with owners', OWNERS_OBJECT, { owners: true, originals: false }],
  ['with owners and NAT', ORIGINALS_OBJECT, { owners: true, originals: true }],
])('the programs %s', (_, path, knows) => {
  const fixed = everything(knows);
  for (const by of AGGREGATED_BY.filter((each) => knows.owners || each !== 'owner'))
    loadOnce(path, fixed, by);
});

test('the walks over sockets', () => {
  loadOnce(SOCKET_OWNERS_OBJECT);
});

test('the programs in front, of several network namespaces', () => {
  loadOnce(ENTRIES_OBJECT);
});
