import { describe, expect, test } from '@jest/globals';
import {
  AGGREGATE_SORTS,
  DNS_AGGREGATE_SORTS,
  RESOLVER_SORTS,
  SORTS,
  sortKeyOf,
} from '../../src/screen/sorts.js';
import {
  hintsOf,
  INITIAL_WITH_OWNERS,
  initialOfAggregates,
  type Key,
  keysOf,
  kindOf,
  pressed,
  type State,
  sortOf,
  unitOf,
  withResolvers,
} from '../../src/screen/state.js';
import { stateOf } from '../helpers/command/screen.js';

const KEYS: Record<string, Key> = {
  enter: { name: 'return', sequence: '\r' },
  escape: { name: 'escape', sequence: '\x1b' },
  backspace: { name: 'backspace', sequence: '\x7f' },
  space: { name: 'space', sequence: ' ' },
  'Ctrl-C': { name: 'c', sequence: '\x03', ctrl: true },
  'Ctrl-A': { name: 'a', sequence: '\x01', ctrl: true },
  up: { name: 'up', sequence: '\x1b[A' },
  down: { name: 'down', sequence: '\x1b[B' },
  pageup: { name: 'pageup', sequence: '\x1b[5~' },
  pagedown: { name: 'pagedown', sequence: '\x1b[6~' },
  home: { name: 'home', sequence: '\x1b[H' },
  F1: { name: 'f1', sequence: '\x1bOP' },
  nothing: {},
};

/** As readline has it; letters stand for themselves. */
const keyOf = (name: string): Key => KEYS[name] ?? { name, sequence: name };

function stateAfter(keys: readonly string[], from: Partial<State> = {}): State {
  return keys.map(keyOf).reduce(pressed, stateOf(from));
}

describe('a key', () => {
  test.each([
    ['q', {}, { isOver: true }],
    ['Ctrl-C', {}, { isOver: true }],
    ['s', { scrolled: 5 }, { sort: 'resent', scrolled: 0 }],
    ['>', { scrolled: 5 }, { sort: 'resent', scrolled: 0 }],
    ['<', { scrolled: 5 }, { sort: 'p99', scrolled: 0 }],
    ['<', { sort: 'last' }, {}],
    ['>', { sort: 'age' }, {}],
    ['L', { scrolled: 5 }, { sort: 'last', scrolled: 0 }],
    ['Q', { sort: 'age', isReversed: true }, { sort: 'queueing' }],
    ['R', { scrolled: 5 }, { isReversed: true, scrolled: 0 }],
    ['R', { isReversed: true }, { isReversed: false }],
    ['c', { scrolled: 5 }, { showsClosed: true, scrolled: 0 }],
    ['c', { showsClosed: true }, { showsClosed: false }],
    ['a', { scrolled: 5 }, { kind: 'flows', scrolled: 0 }],
    ['a', { kind: 'flows' }, { kind: 'peers' }],
    ['p', {}, { isPaused: true }],
    ['space', {}, { isPaused: true }],
    ['p', { isPaused: true }, { isPaused: false }],
    ['?', {}, { isHelp: true }],
    ['h', {}, { isHelp: true }],
    ['/', { scrolled: 5 }, { filter: '', isTyping: true, scrolled: 0 }],
    ['escape', { filter: '10.0' }, { filter: '' }],
    ['down', {}, { scrolled: 1 }],
    ['up', { scrolled: 5 }, { scrolled: 4 }],
    ['pagedown', { scrolled: 5 }, { scrolled: 15 }],
    ['pageup', { scrolled: 15 }, { scrolled: 5 }],
    ['home', { scrolled: 1_201 }, { scrolled: 0 }],
  ] as const)('%s of %j makes %j', (key, from, to) => {
    expect(stateAfter([key], from)).toEqual(stateOf({ ...from, ...to }));
  });

  test.each(['x', 'Z', 'enter', 'backspace', 'Ctrl-A', 'F1', 'nothing'])(
    '%s means nothing',
    (key) => {
      const state = { filter: 'a', scrolled: 3 };
      expect(stateAfter([key], state)).toEqual(stateOf(state));
    },
  );

  test.each(['up', 'pageup', 'home'])('%s goes no further than the first row', (key) => {
    expect(stateAfter(['down', 'down', key, key, key]).scrolled).toBe(0);
  });

  test('a goes round all there is to be seen', () => {
    const kindsFrom = (state: State) =>
      Array.from({ length: 4 }, (_, times) => stateAfter(Array(times).fill('a'), state).kind);
    expect(kindsFrom(stateOf())).toEqual(['peers', 'flows', 'peers', 'flows']);
    expect(kindsFrom(INITIAL_WITH_OWNERS)).toEqual(['owners', 'peers', 'flows', 'owners']);
  });

  test('s goes through all columns, and begins again', () => {
    const sorts = SORTS.map(
      (_, times) => stateAfter(Array(times + 1).fill('s'), { sort: 'last' }).sort,
    );
    expect(sorts).toEqual([...SORTS.slice(1), SORTS[0]]);
  });

  test.each(SORTS)('of its own sorts by %s', (sort) => {
    expect(stateAfter([sortKeyOf(sort)]).sort).toBe(sort);
  });
});

describe('where interfaces are several', () => {
  const SEVERAL = { areInterfacesSeveral: true };
  const kindAfter = (keys: readonly string[], from: Partial<State> = SEVERAL) =>
    kindOf(stateAfter(keys, from));

  test('i shows them from the top, and goes back to what was there', () => {
    expect(stateAfter(['i'], { ...SEVERAL, scrolled: 5 })).toEqual(
      stateOf({ ...SEVERAL, isByInterface: true }),
    );
    expect([kindAfter(['i']), kindAfter(['i', 'i'])]).toEqual(['interfaces', 'peers']);
    expect(kindAfter(['a', 'i', 'i'])).toBe('flows');
  });

  test('a goes on from what was there before', () => {
    expect([kindAfter(['i', 'a']), kindAfter(['i', 'a', 'i'])]).toEqual(['flows', 'interfaces']);
  });

  test('both are hinted at, with where they lead', () => {
    const hints = (state: Partial<State>) =>
      hintsOf(stateOf(state), 0).filter(([key]) => 'aic'.includes(key));
    expect(hints(SEVERAL)).toEqual([
      ['a', 'flows'],
      ['i', 'interfaces'],
    ]);
    expect(hints({ ...SEVERAL, kind: 'flows', isByInterface: true })).toEqual([
      ['a', 'peers'],
      ['i', 'flows'],
    ]);
  });

  test('and not, i means nothing, and is no hint', () => {
    expect(stateAfter(['i'])).toEqual(stateOf());
    expect(hintsOf(stateOf(), 0).map(([key]) => key)).not.toContain('i');
  });

  test('and no longer, what was there before is back', () => {
    expect(kindAfter(['i', 'c'], { ...SEVERAL, kind: 'flows' })).toBe('interfaces');
    expect(kindOf(stateOf({ kind: 'flows', isByInterface: true }))).toBe('flows');
  });
});

describe('help', () => {
  test.each(['x', 'q', 's', 'escape', 'down', '?'])(
    'is left by %s, which does nothing else',
    (key) => {
      expect(stateAfter(['?', key])).toEqual(stateOf());
    },
  );

  test('does not keep Ctrl-C from ending', () => {
    expect(stateAfter(['?', 'Ctrl-C']).isOver).toBe(true);
  });
});

describe('a filter', () => {
  const typed = (...keys: string[]) => stateAfter(['/', ...keys]);

  test('is what is typed, whatever the keys mean else', () => {
    expect(typed('q', 's', 'a', 'p', '?', '/', 'h')).toEqual(
      stateOf({ filter: 'qsap?/h', isTyping: true }),
    );
    expect(typed('a', ' ', 'b').filter).toBe('a b');
  });

  test('holds while it is typed, and is kept by Enter', () => {
    expect(typed('1', '0', '.').filter).toBe('10.');
    expect(typed('1', '0', '.', 'enter')).toEqual(stateOf({ filter: '10.' }));
    expect(typed('1', 'enter', 'q').isOver).toBe(true);
  });

  test('is cleared by Escape, while it is typed and afterwards', () => {
    expect(typed('1', '0', 'escape')).toEqual(stateOf());
    expect(typed('1', '0', 'enter', 'escape')).toEqual(stateOf());
  });

  test('is typed anew, not added to', () => {
    expect(typed('1', 'enter', '/', '2', 'enter').filter).toBe('2');
  });

  test('loses its last character by Backspace, and has nothing to lose when empty', () => {
    expect(typed('1', '0', 'backspace').filter).toBe('1');
    expect(typed('1', 'backspace', 'backspace').filter).toBe('');
  });

  test('may be pasted', () => {
    const pasted = pressed(typed(), { sequence: 'fd77::2' });
    expect(pasted.filter).toBe('fd77::2');
  });

  test.each(['up', 'pagedown', 'F1', 'Ctrl-A', 'nothing'])('has no %s in it', (key) => {
    expect(typed('1', key)).toEqual(typed('1'));
  });

  test('does not keep Ctrl-C from ending', () => {
    expect(typed('1', 'Ctrl-C').isOver).toBe(true);
  });
});

describe('where RTTs are counted in the kernel', () => {
  const aggregates = initialOfAggregates('prefix', 10e9);
  const pressedAll = (...keys: readonly string[]) => keys.map(keyOf).reduce(pressed, aggregates);

  test.each([
    ['prefix', 'networks'],
    ['owner', 'owners'],
    ['interface', 'interfaces'],
    ['none', 'sides'],
  ])('by %s there is but one kind of rows: %s', (by, kind) => {
    const state = { ...initialOfAggregates(by, 10e9), areInterfacesSeveral: true };
    expect(kindOf(state)).toBe(kind);
    for (const key of ['a', 'i', 'c']) expect(kindOf(pressed(state, keyOf(key)))).toBe(kind);
    expect(hintsOf(state, 0).map(([key]) => key)).toEqual(['q', '?', '<>', '/', 'p', 'R']);
    expect(keysOf(state).map(([key]) => key)).not.toContain('c');
  });

  test('they are sorted by what an interval has', () => {
    expect(aggregates.sort).toBe('p99');
    expect(pressedAll('>').sort).toBe('most');
    expect(pressedAll('<').sort).toBe('p90');
    expect(pressedAll('9', '<').sort).toBe('median');
    expect(pressedAll('S', 's').sort).toBe('least');
    for (const key of ['L', 'Q', 'A']) expect(pressedAll(key).sort).toBe('p99');
    for (const sort of AGGREGATE_SORTS) expect(pressedAll(sortKeyOf(sort)).sort).toBe(sort);
  });
});

describe('where DNS is measured', () => {
  const beside = withResolvers(INITIAL_WITH_OWNERS, false);
  const alone = withResolvers(stateOf(), true);
  const stateBy = (state: State, ...keys: readonly string[]) =>
    keys.map(keyOf).reduce(pressed, state);

  test('beside others, resolvers are what is seen last', () => {
    const kinds = Array.from({ length: 5 }, (_, times) =>
      kindOf(stateBy(beside, ...Array(times).fill('a'))),
    );
    expect(kinds).toEqual(['owners', 'peers', 'flows', 'resolvers', 'owners']);
  });

  test('they are sorted by what they have, and others again as they were', () => {
    const resolvers = stateBy(beside, 'P', 'a', 'a', 'a');
    expect([sortOf(resolvers), sortOf(stateBy(resolvers, 'a'))]).toEqual(['median', 'p99']);
    for (const sort of RESOLVER_SORTS) {
      expect(sortOf(stateBy(resolvers, sortKeyOf(sort)))).toBe(sort);
    }
    for (const key of ['T', 'S']) expect(sortOf(stateBy(resolvers, key))).toBe('median');
    const sorted = stateBy(resolvers, '>', '>');
    expect([sortOf(sorted), sortOf(stateBy(sorted, 'a', 'a', 'a', 'a'))]).toEqual([
      'failed',
      'failed',
    ]);
    expect(sortOf(stateBy(resolvers, '<'))).toBe('least');
  });

  test.each([RESOLVER_SORTS, DNS_AGGREGATE_SORTS])('no two columns have one key', (...sorts) => {
    const keys = sorts.map(sortKeyOf);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('counted in the kernel, resolvers are the other kind; interfaces and closed flows are none', () => {
    const counted = withResolvers(initialOfAggregates('prefix', 10e9), false);
    const several = { ...counted, areInterfacesSeveral: true };
    expect(kindOf(stateBy(several, 'a'))).toBe('resolvers');
    expect(kindOf(stateBy(several, 'a', 'a'))).toBe('networks');
    for (const key of ['i', 'c']) expect(kindOf(stateBy(several, key))).toBe('networks');
    expect(hintsOf(several, 0).slice(2, 4)).toEqual([
      ['a', 'resolvers'],
      ['<>', 'sort'],
    ]);
    expect(keysOf(several).slice(0, 3)).toEqual([
      ['q', 'quit'],
      ['a', 'show next: networks, resolvers'],
      ['< >', expect.any(String)],
    ]);
  });

  test('counted in the kernel, they are sorted by what an interval has, the longest p99 first', () => {
    const resolvers = stateBy(withResolvers(initialOfAggregates('prefix', 10e9), false), 'a');
    expect([sortOf(resolvers), sortOf(stateBy(resolvers, '>'))]).toEqual(['p99', 'most']);
    for (const sort of DNS_AGGREGATE_SORTS) {
      expect(sortOf(stateBy(resolvers, sortKeyOf(sort)))).toBe(sort);
    }
    for (const key of ['L', 'A', 'S', 'O']) expect(sortOf(stateBy(resolvers, key))).toBe('p99');
  });

  test.each([
    ['prefix', 'networks'],
    ['owner', 'owners'],
    ['interface', 'interfaces'],
    ['none', 'sides'],
  ])('counted in the kernel by %s, %s are what is counted below them', (by, unit) => {
    const state = withResolvers(initialOfAggregates(by, 10e9), true);
    expect([kindOf(state), unitOf(state)]).toEqual(['resolvers', unit]);
    expect(hintsOf(state, 0).map(([key]) => key)).toEqual(['q', '?', '<>', '/', 'p', 'R']);
    expect(unitOf(alone)).toBe('resolvers');
  });

  test('interfaces, which are of RTTs, are sorted as these', () => {
    const resolvers = stateBy({ ...beside, areInterfacesSeveral: true }, 'a', 'a', 'a');
    const byInterface = stateBy(resolvers, 'i');
    expect([kindOf(byInterface), sortOf(byInterface)]).toEqual(['interfaces', 'queueing']);
    expect(kindOf(stateBy(byInterface, 'i'))).toBe('resolvers');
  });

  test('alone, there is nothing else to be seen, nor to be hinted at', () => {
    const several = { ...alone, areInterfacesSeveral: true };
    for (const key of ['a', 'i', 'c']) expect(kindOf(stateBy(several, key))).toBe('resolvers');
    expect(hintsOf(several, 0).map(([key]) => key)).toEqual(['q', '?', '<>', '/', 'p', 'R']);
    expect(keysOf(several).map(([key]) => key)).toEqual([
      ...['q', '< >', 'LM5PFUQA', 'R', 'p', '/', 'up down', '?'],
    ]);
  });
});
