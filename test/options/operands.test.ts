import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isFile, unknownText } from '../../src/options/operands.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();

test('a word that is an interface or a file: what was meant', () => {
  const path = inFolder('x.pcap');
  writeFileSync(path, '');
  expect(unknownText('lo')).toBe('what is "lo"? Did you mean -i lo?');
  expect(unknownText(path)).toBe(`what is "${path}"? Did you mean -r ${path}?`);
});

test('any other: what there is', () => {
  mkdirSync(inFolder('folder'));
  for (const word of ['none0', '', inFolder('none.pcap'), inFolder('folder')]) {
    expect(unknownText(word)).toBe(
      `what is ${JSON.stringify(word)}? An interface: -i; a capture: -r`,
    );
  }
});

test('a device is a file, a folder is none', () => {
  expect([isFile('/dev/null'), isFile('/'), isFile('none')]).toEqual([true, false, false]);
});
