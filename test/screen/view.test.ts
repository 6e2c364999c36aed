import { describe, expect, test } from '@jest/globals';
import { INITIAL_WITH_OWNERS, keysOf } from '../../src/screen/state.js';
import { mostScrolled, type Picture, screenLines } from '../../src/screen/view.js';
import { COLORED, COLORLESS, MS, rowLook, stateOf } from '../helpers/command/screen.js';

const USUAL = { columns: 80, rows: 24 };
/** Header, heading and bottom line. */
const ROWS_SHOWN = USUAL.rows - 5;
/** The worst first. */
const ROWS = Array.from({ length: 99 }, (_, number) =>
  rowLook({ name: `10.0.0.${number}`, queueing: (1_000 - number) * MS }),
);

function pictureOf(overrides: Partial<Picture> = {}, message = ''): Picture {
  const paragraphs = ['one', 'two', 'three'].map((text) => ({ pieces: [[[text]]] }) as const);
  return { header: { paragraphs, message }, rows: ROWS, state: stateOf(), ...overrides };
}

const linesOf = (picture: Picture, size = USUAL) => screenLines(picture, size, COLORLESS);
const firstRow = (picture: Picture, size = USUAL) => linesOf(picture, size)[4]?.split(' ')[1];
const bottomOf = (picture: Picture) => linesOf(picture).at(-1);

describe('whatever the size', () => {
  const states = [
    {},
    { isHelp: true },
    { isPaused: true, filter: '10.0.0.9' },
    { isTyping: true, filter: '10.0' },
    { scrolled: 1_201, kind: 'flows' },
    { areInterfacesSeveral: true, kind: 'flows' },
    { areInterfacesSeveral: true, isByInterface: true },
    { areInterfacesSeveral: true, isHelp: true },
  ] as const;

  test.each(states)('there are as many lines as rows, none wider than the columns: %j', (state) => {
    for (let rows = 1; rows <= 60; rows++) {
      for (let columns = 1; columns <= 200; columns += rows % 7 === 0 ? 1 : 13) {
        for (const shown of [ROWS.slice(0, 7), []]) {
          const picture = pictureOf({ rows: shown, state: stateOf(state) }, 'a message');
          const lines = linesOf(picture, { columns, rows });
          const widest = Math.max(...lines.map(({ length }) => length));
          if (lines.length !== rows || widest > columns) {
            throw new Error(`${lines.length} lines of ${widest} at ${columns}x${rows}`);
          }
        }
      }
    }
  });

  test('colours take no room', () => {
    const colored = screenLines(pictureOf(), USUAL, COLORED);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
    expect(colored.map((line) => line.replace(/\x1b\[\d+m/g, ''))).toEqual(linesOf(pictureOf()));
  });
});

test('from top to bottom: the header, the heading, rows, the line below', () => {
  const lines = linesOf(pictureOf({ rows: ROWS.slice(0, 2) }));
  expect(lines.slice(0, 3)).toEqual(['one', 'two', 'three']);
  expect(lines[3]).toMatch(/^ {2}peer +Last /);
  expect(lines.slice(4, 7).map((line) => line.slice(0, 10))).toEqual([
    '> 10.0.0.0',
    '> 10.0.0.1',
    '',
  ]);
  expect(lines.at(-1)).toBe(
    '2 peers  q quit  ? help  a flows  <> sort  / filter  p pause  R reverse',
  );
});

test('where there is hardly room, the end is shown: the line below is never missing', () => {
  const picture = pictureOf();
  expect(linesOf(picture, { columns: 8, rows: 1 })).toEqual(['99 peers']);
  expect(linesOf(picture, { columns: 5, rows: 4 })).toEqual(['one', '  pee', '> 10.', '99 pe']);
});

test('before the first RTT it says what it waits for', () => {
  expect(linesOf(pictureOf({ rows: [] }))[4]).toBe('  no RTT to show');
});

describe('an empty list says why', () => {
  const third = (picture: Picture) =>
    linesOf(picture)
      .find((line) => /to show/.test(line))
      ?.trim();
  const closed = ROWS.slice(0, 3).map((row) => ({ ...row, isClosed: true }));

  test.each([
    ['there is nothing', { rows: [] }, 'no RTT to show'],
    [
      'all are closed',
      { rows: closed, state: stateOf({ kind: 'flows' }) },
      'nothing to show: all flows are closed; c shows them',
    ],
    [
      'none passes the filter',
      { state: stateOf({ filter: 'nobody' }) },
      'nothing to show: no name matches',
    ],
  ])('%s', (_, parts, text) => expect(third(pictureOf(parts))).toBe(text));
});

describe('the line below', () => {
  const state = (overrides: Parameters<typeof stateOf>[0]) =>
    pictureOf({ state: stateOf(overrides) });

  test.each([
    ['the kind of rows', state({ kind: 'flows' }), /^99 flows {2}q quit/],
    ['a pause', state({ isPaused: true }), /^ PAUSED {2}99 peers {2}p resume {2}q quit/],
    ['a filter', state({ filter: '.9' }), /^10 of 99 peers \(\/\.9\) {2}q quit/],
    ['a filter that is typed, and where', state({ isTyping: true, filter: '.9' }), /^\/\.9_$/],
  ])('has %s', (_, picture, line) => expect(bottomOf(picture)).toMatch(line));

  test('has whole hints only, however narrow the screen', () => {
    const picture = state({ kind: 'flows', isPaused: true, filter: '.9' });
    const whole = bottomOf(picture)?.split('  ');
    for (let columns = 40; columns < 80; columns++) {
      const parts = linesOf(picture, { columns, rows: 24 }).at(-1)?.split('  ') ?? [];
      expect(parts).toEqual(whole?.slice(0, parts.length));
    }
  });

  test('counts a flow once, whose two directions are rows, and says what is hidden', () => {
    const flow = (subject: string, isClosed: boolean) =>
      ['there', 'back'].map((way) => rowLook({ name: `${subject} ${way}`, subject, isClosed }));
    const rows = [...flow('1', false), ...flow('2', true), ...flow('3', true)];
    const seen = (showsClosed: boolean) =>
      bottomOf(pictureOf({ rows, state: stateOf({ kind: 'flows', showsClosed }) }));
    expect(seen(false)).toBe(
      '1 flow  q quit  ? help  a peers  c show 2 closed  <> sort  / filter  p pause',
    );
    expect(seen(true)).toMatch(/^3 flows {2}.* {2}c hide closed {2}/);
  });

  test('has messages above it, broken between words', () => {
    const message = 'a message of pping that is too long for a line of this screen'.repeat(2);
    const lines = linesOf(pictureOf({}, message));
    expect(lines.slice(-3, -1).join(' ')).toBe(message);
    expect(lines.at(-1)).toMatch(/^99 peers {2}q quit/);
  });

  test('has a pause and what is typed inverse, a message in yellow', () => {
    const painted = (picture: Picture, line = -1) => screenLines(picture, USUAL, COLORED).at(line);
    expect(painted(state({ isPaused: true }))).toMatch('\x1b[7m PAUSED \x1b[27m');
    expect(painted(state({ isTyping: true, filter: 'x' }))).toBe('/x\x1b[7m_\x1b[27m');
    expect(painted(pictureOf({}, 'careful'), -2)).toBe('\x1b[33mcareful\x1b[39m');
  });
});

describe('help', () => {
  const lines = linesOf(pictureOf({ state: stateOf({ isHelp: true }) }));

  test('is in place of all but the last line, whole on a usual terminal', () => {
    for (const [key, text] of keysOf(stateOf()))
      expect(lines).toContain(`  ${key.padEnd(10)}${text}`);
    expect(lines).toContain('Press any key to return.');
    expect(lines.join('\n')).not.toContain('10.0.0.');
    expect(lines[0]).toBe('Keys');
  });

  test.each([
    [40, 24],
    [80, 12],
  ])('says on %dx%d how much it needs', (columns, rows) => {
    const picture = pictureOf({ state: stateOf({ isHelp: true }) });
    const [first] = linesOf(picture, { columns, rows });
    expect(first?.trimEnd()).toBe('Keys (all of this needs 80x24)');
  });
});

describe('where interfaces are several', () => {
  const several = (overrides: Parameters<typeof stateOf>[0] = {}) =>
    pictureOf({ state: stateOf({ areInterfacesSeveral: true, ...overrides }) });

  test('help has their key, and is still whole on a usual terminal', () => {
    const state = { ...INITIAL_WITH_OWNERS, areInterfacesSeveral: true, isHelp: true };
    const lines = linesOf(pictureOf({ state }));
    expect(lines[0]).toBe('Keys');
    expect(lines).toContain('  a   i     show next: owners, peers, flows; interfaces on or off');
    expect(lines).toContain(
      '  /         filter by name or interface; Enter keeps it, Esc clears it',
    );
    expect(lines.at(-2)).toBe('Press any key to return.');
  });

  test('the line below counts them, and says which key shows them', () => {
    expect(bottomOf(several())).toBe(
      '99 peers  q quit  ? help  a flows  i interfaces  <> sort  / filter  p pause',
    );
    expect(bottomOf(several({ isByInterface: true }))).toBe(
      '99 interfaces  q quit  ? help  a flows  i peers  <> sort  / filter  p pause',
    );
  });
});

describe('where owners are shown', () => {
  const withOwners = (overrides: Parameters<typeof stateOf>[0] = {}) =>
    pictureOf({ state: { ...INITIAL_WITH_OWNERS, ...overrides }, rows: ROWS.slice(0, 7) });

  test('help and hints say so, and the line below fits', () => {
    expect(linesOf(withOwners({ isHelp: true }))).toContain(
      '  a         show next: owners, peers, flows',
    );
    expect(linesOf(pictureOf({ state: stateOf({ isHelp: true }) }))).toContain(
      '  a         show next: peers, flows',
    );
    expect(bottomOf(withOwners())).toBe(
      '7 owners  q quit  ? help  a peers  <> sort  / filter  p pause  R reverse',
    );
  });

  test('they are named in the heading and counted below', () => {
    const lines = linesOf(withOwners({ kind: 'owners', filter: '.1' }));
    expect(lines[3]).toMatch(/^ {2}owner +Last /);
    expect(lines.at(-1)).toMatch(/^1 of 7 owners \(\/\.1\) /);
  });
});

describe('rows that are scrolled', () => {
  const scrolled = (by: number, filter = '') =>
    pictureOf({ state: stateOf({ scrolled: by, filter }) });

  test('are gone above, the heading stays', () => {
    expect(firstRow(scrolled(3))).toBe('10.0.0.3');
    expect(linesOf(scrolled(3))[3]).toBe(linesOf(scrolled(0))[3]);
  });

  test('end with the last one at the bottom, and can be scrolled no further', () => {
    const most = mostScrolled(pictureOf(), USUAL);
    expect(most).toBe(99 - ROWS_SHOWN);
    expect(linesOf(scrolled(most)).at(-2)).toMatch(/^> 10\.0\.0\.98 /);
    expect(linesOf(scrolled(1_201))).toEqual(linesOf(scrolled(most)));
  });

  test.each([
    ['all are seen', pictureOf({ rows: ROWS.slice(0, ROWS_SHOWN) }), USUAL, 0],
    ['one is not', pictureOf({ rows: ROWS.slice(0, ROWS_SHOWN + 1) }), USUAL, 1],
    ['the filter leaves few', scrolled(0, '.9'), USUAL, 0],
    ['there is no room for any', pictureOf(), { columns: 80, rows: 3 }, 99],
  ])('where %s can be scrolled by', (_, picture, size, most) => {
    expect(mostScrolled(picture, size)).toBe(most);
  });
});
