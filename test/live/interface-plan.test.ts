/** Every machine has loopback. */
import { expect, test } from '@jest/globals';
import { UsageError } from '../../src/faults.js';
import { findInterface } from '../../src/libbpf/interfaces.js';
import {
  namedOnly,
  planAnyOf,
  planInterfaces,
  watchedOf,
  withMatching,
} from '../../src/live/interface-plan.js';

const LO = findInterface('lo');
const TUN = {
  ...LO,
  name: 'tun0',
  index: LO.index + 1,
  linkLayer: 'ip',
  isLoopback: false,
} as const;
const WORDS = { included: [], excluded: [] };

const plan = (included: string[], excluded: string[] = []) =>
  planInterfaces({ included, excluded });

test('one that is named is all there is', () => {
  const words = { included: ['lo', 'lo'], excluded: [] };
  expect(planInterfaces(words)).toEqual({
    words,
    names: ['lo'],
    interfaces: [LO],
    named: 1,
    areSeveral: false,
    isOpen: false,
  });
});

test.each([[['lo', 'no-such*']], [['l[o]']], [['any', 'lo']]])(
  'others may come where %j are wanted',
  (included) => {
    const { interfaces, ...more } = plan(included);
    expect(interfaces.filter(({ name }) => name === 'lo')).toEqual([LO]);
    expect(more).toMatchObject({ areSeveral: true, isOpen: true });
  },
);

test('those that nobody named need not be handed over', () => {
  const whole = plan(['l[o]', 'no-such*']);
  expect(namedOnly(whole)).toEqual({ ...whole, interfaces: [] });
  expect(withMatching(namedOnly(whole))).toEqual(whole);
  const alone = plan(['lo']);
  expect(namedOnly(alone)).toEqual(alone);
  expect(withMatching(alone)).toEqual(alone);
});

test('what leaves out all of them is not waited for', () => {
  expect(() => plan(['any'], ['lo', '*'])).toThrow("--exclude-interface '*' leaves no interface");
  expect(() => planAnyOf({ included: ['any'], excluded: ['*'] })).toThrow(UsageError);
});

test('any of them may be missing', () => {
  const words = { included: ['lo', 'no-such'], excluded: [] };
  expect(planAnyOf(words)).toEqual({
    words,
    names: [],
    interfaces: [LO],
    named: 0,
    areSeveral: true,
    isOpen: true,
  });
});

test('there may be none yet', () => {
  expect(plan(['no-such*'])).toMatchObject({ interfaces: [], areSeveral: true, isOpen: true });
  expect(plan(['l[o]'], ['lo'])).toMatchObject({ interfaces: [], isOpen: true });
  expect(plan(['lo', 'l[o]'], ['l*'])).toMatchObject({ interfaces: [], isOpen: true });
});

test('one that is named is there', () => {
  expect(() => plan(['lo', 'no-such'])).toThrow(UsageError);
  expect(() => plan(['lo', 'no-such'])).toThrow(/no-such/);
  expect(() => plan(['any', 'no-such'])).toThrow(UsageError);
});

test('one at least is left of those that are named', () => {
  const expected = new UsageError('--exclude-interface leaves no interface: lo');
  expect(() => plan(['lo'], ['lo'])).toThrow(expected);
  expect(() => plan(['lo'], ['l*'])).toThrow(expected);
});

test.each([
  ['loopback alone', [LO], false, false, { links: ['ethernet'], isLoopback: true }],
  ['an interface alone', [TUN], false, false, { links: ['ip'], isLoopback: false }],
  ['several of one kind', [LO, LO], true, false, { links: ['ethernet'], isLoopback: false }],
  ['several', [TUN, LO], true, false, { links: ['ip', 'ethernet'], isLoopback: false }],
  ['those to come', [], true, true, { links: ['ethernet', 'ip'], isLoopback: false }],
] as const)('what the programs have to know of %s', (_, interfaces, areSeveral, isOpen, known) => {
  const watched = watchedOf({ words: WORDS, names: [], named: 0, interfaces, areSeveral, isOpen });
  expect(watched).toEqual({ ...known, areSeveral });
});
