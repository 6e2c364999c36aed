import { writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from '@jest/globals';
import { ownVersion } from '../../src/installation/versions.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const file = useTemporaryFolder();
const versionIn = () => ownVersion(file('package.json'), file('commit'));

beforeEach(() => writeFileSync(file('package.json'), '{"version":"1.2.3"}'));

test.each(['5bd361c', '5bd361c-dirty'])('the commit %s is told', (commit) => {
  writeFileSync(file('commit'), `${commit}\n`);
  expect(versionIn()).toBe(`1.2.3 (${commit})`);
});

test('one that is not known is left out', () => {
  expect(versionIn()).toBe('1.2.3');
  writeFileSync(file('commit'), '');
  expect(versionIn()).toBe('1.2.3');
});
