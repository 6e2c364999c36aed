import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';

const MiB = 1 << 20;
const allocator = pathToFileURL(join(repositoryRoot, 'dist/src/libbpf/allocator.js'));

/** Five times 20 MiB of buffers come and go, and between them small ones that stay: 3 MiB in all. */
const WORK = `
  import { giveBackLargeBlocks } from '${allocator}';
  giveBackLargeBlocks();
  const collected = async () => {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 100)); // freed on another thread
    gc();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return process.memoryUsage().rss;
  };
  const stay = [];
  const before = await collected();
  for (let round = 0; round < 5; round++) {
    let large = [];
    for (let count = 0; count < 80; count++) {
      large.push(Buffer.allocUnsafe(256 << 10).fill(1));
      for (let small = 0; small < 20; small++) stay.push(new Float64Array(20));
    }
    large = [];
    await collected();
  }
  console.log((await collected()) - before);
`;

test('buffers that are no longer used leave no memory resident, whatever lies between them', () => {
  const args = ['--expose-gc', '--input-type=module', '--eval', WORK];
  const grown = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  expect(grown).toBeLessThan(15 * MiB);
});
