import { describe, expect, test } from '@jest/globals';
import { governorText, stateText } from '../../src/format/governor.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../src/sampling/policy.js';
import { governorNotice } from '../helpers/events/events.js';

describe('a step in one line', () => {
  const step = governorNotice();
  const settings = { ...DEFAULT_SETTINGS, flowTimeout: 4_687_000_000n };

  test('of the timestamp map, up', () => {
    expect(governorText(step)).toBe(
      'governor: timestamp map 98 % full (983 of 1000), sampling interval raised: --rate 200ms and --rtt-rate 1.5',
    );
  });

  test('of the timestamp map, down', () => {
    expect(governorText({ ...step, step: 'down', entries: 9, settings })).toBe(
      'governor: timestamp map 1 % full (9 of 1000), sampling interval lowered: --rate 100ms',
    );
  });

  test.each(['up', 'down'] as const)('of the flow map, %s', (direction) => {
    expect(governorText({ ...step, step: direction, map: 'flows', settings })).toBe(
      'governor: flow map 98 % full (983 of 1000), idle flows are forgotten after 4687ms',
    );
  });
});

test('the state has the settings in force, and the occupancy of both maps', () => {
  const occupancy = { flows: 13_107, timestamps: 1 };
  expect(stateText('--rate 100ms', occupancy, DEFAULT_CAPACITY).split('\n')).toEqual([
    'settings: --rate 100ms',
    'maps: 13107 of 131072 flows (10 %), 1 of 131072 timestamps (<1 %)',
  ]);
});
