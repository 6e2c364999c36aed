import { expect, test } from '@jest/globals';
import {
  absenceText,
  awaitingText,
  changesTexts,
  labelOf,
  namesText,
} from '../../src/format/interfaces.js';
import type { InterfaceChange } from '../../src/visibility/interface-change.js';

const attached = (name: string): InterfaceChange => ({ change: 'attached', interface: name });
const gone = (name: string): InterfaceChange => ({
  change: 'detached',
  interface: name,
  isGone: true,
  reason: `interface ${name} is gone`,
});

test.each([
  [[], 'no interface'],
  [['eth0'], 'eth0'],
  [['a', 'b', 'c', 'd', 'e'], 'a b c d e'],
  [['a', 'b', 'c', 'd', 'e', 'f', 'g'], 'a b c d e and 2 more'],
  [['bürö'], 'b\\u00fcr\\u00f6'],
])('%j: %s', (names, text) => {
  expect(namesText(names)).toBe(text);
});

test('where no interface matches, those that there are are named', () => {
  const words = { included: ['zz*'], excluded: [] };
  expect(absenceText(words, ['lo', 'eth0'])).toBe('no interface matches zz*; there are: lo eth0');
  expect(absenceText(words, [])).toBe('no interface matches zz*');
  const without = { included: ['any', 'w\u00e4n*'], excluded: ['eth0', 'veth*'] };
  expect(absenceText(without, ['lo', 'eth0'])).toBe(
    'no interface matches any w\\u00e4n* (excluded: eth0 veth*); there are: lo eth0',
  );
  expect(awaitingText(words, '')).toBe('no interface matches zz* yet; waiting for one');
  expect(awaitingText(words, ' in the network namespace x')).toBe(
    'no interface matches zz* in the network namespace x yet; waiting for one',
  );
});

test('packets cross one, or each of several', () => {
  const interfaceNames = ['eth0', 'eth1'];
  expect(labelOf({ areSeveral: true, interfaceNames })).toBe('each interface');
  expect(labelOf({ areSeveral: true, interfaceNames: [] })).toBe('each interface');
  expect(labelOf({ areSeveral: false, interfaceNames: ['eth0'] })).toBe('eth0');
});

test.each<[string, InterfaceChange[], number, string[]]>([
  ['nothing', [], 3, []],
  ['one comes', [attached('a')], 3, ['now also watching a']],
  [
    'many come',
    ['a', 'b', 'c', 'd', 'e', 'f'].map(attached),
    6,
    ['now watching a b c d e and 1 more'],
  ],
  ['one goes', [gone('a')], 1, ['interface a is gone: 1 interface left']],
  ['many go', [gone('a'), gone('b')], 12, ['interfaces a b are gone: 12 interfaces left']],
  ['the last goes', [gone('a')], 0, ['interface a is gone: none left; waiting for others']],
  [
    'somebody takes pping off one',
    [{ change: 'detached', interface: 'a', isGone: false, reason: 'another program did' }],
    1,
    ['another program did'],
  ],
  [
    'one is refused',
    [{ change: 'refused', interface: 'a', reason: 'no room' }],
    1,
    ['interface a is not watched: no room'],
  ],
  [
    'many are refused, for two reasons',
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({
      change: 'refused',
      interface: name,
      reason: name === 'd' ? 'no room' : 'no files',
    })),
    1,
    [
      'interfaces a b c e f and 1 more are not watched: no files',
      'interface d is not watched: no room',
    ],
  ],
  [
    'one is renamed',
    [{ change: 'renamed', interface: 'a', to: 'b' }],
    1,
    ['interface a was renamed to b'],
  ],
  [
    'the one that is watched is renamed',
    [{ change: 'renamed', interface: 'a', to: 'b', keeps: 'a' }],
    1,
    ['interface a was renamed to b; the output keeps the name a'],
  ],
  [
    'one is called again as it was at first',
    [{ change: 'renamed', interface: 'a', to: 'a', keeps: 'a' }],
    1,
    ['interface a was renamed to a'],
  ],
  [
    'all of it, in whatever order',
    [gone('a'), { change: 'refused', interface: 'b', reason: 'no room' }, attached('c'), gone('d')],
    2,
    [
      'interfaces a d are gone: 2 interfaces left',
      'interface b is not watched: no room',
      'now also watching c',
    ],
  ],
])('%s', (_, changes, left, texts) => {
  expect(changesTexts(changes, left, true)).toEqual(texts);
});

test('names obey no terminal', () => {
  const name = 'a\x1b[2J';
  const changes: InterfaceChange[] = [
    attached(name),
    gone(name),
    { change: 'renamed', interface: name, to: `b${name}`, keeps: name },
    { change: 'refused', interface: name, reason: 'no room' },
  ];
  const text = changesTexts(changes, 1, true).join('\n');
  expect(text).not.toContain('\x1b');
  expect(text.match(/a\\u001b\[2J/g)).toHaveLength(6);
});

test('nothing is waited for where all were named', () => {
  expect(changesTexts([gone('a')], 0, false)).toEqual(['interface a is gone: none left']);
});
