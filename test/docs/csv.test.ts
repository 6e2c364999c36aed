/** docs/csv.md has the columns as a file begins with them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { Clock } from '../../src/format/clock.js';
import { createFormatter } from '../../src/format/formats.js';

const TEXT = readFileSync(join(repositoryRoot, 'docs/csv.md'), 'utf8');
const WITH_DNS = { by: 'peer', areProtocolsTold: true, isDnsTold: true } as const;
const OPTIONS = { clock: new Clock(0n), interface: undefined, color: false };

test.each([
  ['RTTs', undefined],
  ['intervals', { isTerminal: false, by: 'peer', isFine: false }],
  ['intervals with DNS', { ...{ isTerminal: false, isFine: false }, ...WITH_DNS }],
] as const)('those of %s', (_, intervals) => {
  const { heading } = createFormatter('csv', { ...OPTIONS, intervals });
  expect(TEXT).toContain(`\n    ${heading}`);
});
