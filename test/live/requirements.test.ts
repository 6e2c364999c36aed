import { expect, test } from '@jest/globals';
import { Fault } from '../../src/faults.js';
import { needsPreallocation, requireKernel } from '../../src/live/requirements.js';

test.each(['5.15', '5.15.0-91-generic', '6.1.0-18-amd64', '6.10.3', '6.18.44-fc', '10.0.0'])(
  'Linux %s is new enough',
  (version) => {
    expect(() => requireKernel(version)).not.toThrow();
  },
);

test.each(['5.14.21', '5.9.0', '4.19.300'])(
  'Linux %s is refused, and the message names it and what is needed',
  (version) => {
    expect(() => requireKernel(version)).toThrow(
      new Fault(`Linux 5.15 or newer is needed; this is ${version}`),
    );
  },
);

test.each([
  ['5.15.0-91-generic', true],
  ['6.0.19', true],
  ['6.1.0-18-amd64', false],
  ['10.0.0', false],
])('on Linux %s, whether maps have to be preallocated is %s', (version, expected) => {
  expect(needsPreallocation(version)).toBe(expected);
});
