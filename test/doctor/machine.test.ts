import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { thisMachine } from '../../src/doctor/machine.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const file = useTemporaryFolder();

test('files are read, unpacked where need be, and undefined where they cannot be', () => {
  writeFileSync(file('plain'), 'text');
  writeFileSync(file('packed.gz'), gzipSync('packed text'));
  writeFileSync(file('broken.gz'), 'no gzip');
  const texts = ['plain', 'packed.gz', 'broken.gz', 'none', '.'].map((name) =>
    thisMachine.read(file(name)),
  );
  expect(texts).toEqual(['text', 'packed text', undefined, undefined, undefined]);
});
