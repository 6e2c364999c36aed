import { expect, test } from '@jest/globals';
import { namesOf } from '../../src/owners/cgroup-names.js';
import { asciiText } from '../../src/text/ascii.js';

const LONGEST = 256;
const EVERYTHING = Number.POSITIVE_INFINITY;
const CONTAINER = '3fa1c0de'.repeat(8);

test('names of a usual length are as they are', () => {
  const path = `/system.slice/docker-${CONTAINER}.scope`;
  expect(namesOf(path, EVERYTHING)).toEqual({
    cgroup: path,
    container: CONTAINER,
    unit: `docker-${CONTAINER}.scope`,
  });
});

test.each([255, 256])('%d bytes are whole', (length) => {
  const path = `/${'x'.repeat(length - 1)}`;
  expect(namesOf(path, EVERYTHING).cgroup).toBe(path);
});

test('a longer one has both its ends, and a mark between them', () => {
  const path = `/begin/${'x'.repeat(4000)}/end`;
  const { cgroup = '' } = namesOf(path, EVERYTHING);
  expect(cgroup).toMatch(/^\/begin\/x+\.\.\.x+\/end$/);
  expect(cgroup).toHaveLength(LONGEST);
});

test.each(['\ufffd', 'ö', '網', '😀', '\u001b'])('as they are shown, full of %j', (character) => {
  const path = `/${character.repeat(1200)}.service`;
  const { cgroup = '', unit = '' } = namesOf(path, EVERYTHING);
  for (const name of [cgroup, unit]) {
    expect(asciiText(name).length).toBeLessThanOrEqual(LONGEST);
    expect(asciiText(name).length).toBeGreaterThan(LONGEST - 24);
    expect(Buffer.from(name).toString()).toBe(name);
    expect(name).toContain('...');
  }
  expect(unit).toMatch(/\.service$/);
});

test('what a long path says is read from all of it', () => {
  const path = `/${'x/'.repeat(1000)}docker-${CONTAINER}.scope/${'y/'.repeat(1000)}z`;
  expect(namesOf(path, EVERYTHING).container).toBe(CONTAINER);
});
