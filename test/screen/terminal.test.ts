import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import ansi from 'ansi-escapes';
import type { Key } from '../../src/screen/state.js';
import { Terminal } from '../../src/screen/terminal.js';
import { FakeDisplay, FakeKeyboard } from '../helpers/command/screen.js';

const ENTERED = ansi.enterAlternativeScreen + ansi.cursorHide + ansi.clearViewport;
const LEFT = ansi.cursorShow + ansi.exitAlternativeScreen;

let keyboard: FakeKeyboard;
let display: FakeDisplay;
let terminal: Terminal;
let keys: Key[];
let resizes: number;
let gone: number;
let exitListeners: number;

beforeEach(() => {
  exitListeners = process.listenerCount('exit');
  keyboard = new FakeKeyboard();
  display = new FakeDisplay(20, 3);
  keys = [];
  resizes = 0;
  gone = 0;
  terminal = new Terminal(keyboard.stream, display.stream, {
    onKey: (key) => keys.push(key),
    onResize: () => resizes++,
    onGone: () => gone++,
  });
});

afterEach(() => terminal.close());

/** As it is written: a text for each row, from the first or another one. */
const drawn = (texts: readonly string[], from = 0) =>
  ansi.synchronizedOutput(
    texts.map((text, at) => `${ansi.cursorTo(0, from + at)}${ansi.eraseEndLine}${text}`).join(''),
  );

test('the alternate screen is entered, the cursor hidden, keys are read one by one', () => {
  expect(display.take()).toBe(ENTERED);
  expect(keyboard.rawModes).toEqual([true]);
  expect(keyboard.isFlowing).toBe(true);
  expect(process.listenerCount('exit')).toBe(exitListeners + 1);
});

describe('closing', () => {
  test('gives back all that was taken, once', () => {
    display.take();
    terminal.close();
    terminal.close();
    expect(display.take()).toBe(LEFT);
    expect(keyboard.rawModes).toEqual([true, false]);
    expect(keyboard.isFlowing).toBe(false);
    expect(process.listenerCount('exit')).toBe(exitListeners);
    keyboard.type('x');
    display.resize(80, 24);
    expect({ keys, resizes, written: display.take() }).toEqual({
      keys: [],
      resizes: 0,
      written: '',
    });
  });

  test('is done as well by the end of the process', () => {
    display.take();
    const ours = process.listeners('exit').at(-1);
    ours?.(0);
    expect(display.take()).toBe(LEFT);
    expect(keyboard.rawModes).toEqual([true, false]);
  });
});

describe('a picture', () => {
  beforeEach(() => {
    display.take();
  });

  test('is written line by line, from the top, to be shown at once', () => {
    terminal.draw(['one', 'two', 'three']);
    expect(display.take()).toBe(drawn(['one', 'two', 'three']));
  });

  test('after another one is written where it differs; nothing where it does not', () => {
    terminal.draw(['one', 'two', 'three']);
    display.take();
    terminal.draw(['one', 'TWO', 'three']);
    expect(display.take()).toBe(drawn(['TWO'], 1));
    terminal.draw(['one', 'TWO', 'three']);
    expect(display.take()).toBe('');
    terminal.draw(['one', '', 'three']);
    expect(display.take()).toBe(drawn([''], 1));
  });

  test('is never erased behind its text: after a full line that would take the last character', () => {
    terminal.draw(['x'.repeat(20), '', '']);
    expect(display.take()).not.toContain(`x${ansi.eraseEndLine}`);
  });

  test('waits while the terminal is busy, and is then compared with what is really shown', () => {
    terminal.draw(['one', 'two', 'three']);
    display.take();
    display.writableNeedDrain = true;
    terminal.draw(['ONE', 'two', 'three']);
    expect(display.take()).toBe('');
    display.writableNeedDrain = false;
    terminal.draw(['ONE', 'two', 'three']);
    expect(display.take()).toBe(drawn(['ONE']));
  });

  test('is written whole after a resize, on a cleared screen', () => {
    terminal.draw(['one', 'two', 'three']);
    display.take();
    display.resize(80, 24);
    expect(display.take()).toBe(ansi.clearViewport);
    expect(resizes).toBe(1);
    terminal.draw(['one', 'two', 'three']);
    expect(display.take()).toBe(drawn(['one', 'two', 'three']));
  });
});

describe('the size', () => {
  test('is the terminal’s, at any time', () => {
    expect(terminal.size).toEqual({ columns: 20, rows: 3 });
    display.resize(132, 43);
    expect(terminal.size).toEqual({ columns: 132, rows: 43 });
  });

  test.each([
    [0, 0],
    [80, 0],
    [undefined, undefined],
  ])('of a terminal that says %s x %s is the usual one', (columns, rows) => {
    Object.assign(display, { columns, rows });
    expect(terminal.size).toEqual({ columns: 80, rows: 24 });
  });
});

test.each([
  ['q', { name: 'q', sequence: 'q' }],
  ['\x03', { name: 'c', ctrl: true }],
  ['\x1b[A', { name: 'up' }],
  ['\x1b[6~', { name: 'pagedown' }],
  ['\r', { name: 'return' }],
  ['\x7f', { name: 'backspace' }],
  ['/', { sequence: '/' }],
])('the key %j is told', (typed, key) => {
  keyboard.type(typed);
  expect(keys).toMatchObject([key]);
});

test('a terminal that goes away is noticed, also while it is given back', () => {
  const hungUp = new Error('EIO');
  display.stream.emit('error', hungUp);
  expect(gone).toBe(1);
  keyboard.stream.emit('error', hungUp);
  keyboard.stream.emit('end');
  terminal.close();
  display.stream.emit('error', hungUp);
  expect(gone).toBe(4);
});
