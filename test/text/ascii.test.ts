import { expect, test } from '@jest/globals';
import { asciiJson, asciiText, harmless } from '../../src/text/ascii.js';

test.each([
  ['curl', 'curl'],
  ['app-a\\x2db.scope', 'app-a\\x2db.scope'],
  ['tmux: server "0"', 'tmux: server "0"'],
  ['\u001b[2J', '\\u001b[2J'],
  ['a\r\nb\tc\u0000', 'a\\u000d\\u000ab\\u0009c\\u0000'],
  ['\u007f\u0080\u009b', '\\u007f\\u0080\\u009b'],
  ['büro網', 'b\\u00fcro\\u7db2'],
  ['\ufffd😀\ud800', '\\ufffd\\ud83d\\ude00\\ud800'],
])('%j is printed as %s', (text, printed) => {
  expect(asciiText(text)).toBe(printed);
});

test('every character is printed in ASCII, and comes back out of JSON', () => {
  const text = String.fromCharCode(...Array(65_536).keys());
  expect(asciiText(text)).toMatch(/^[\x20-\x7e]*$/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those of ASCII
  expect(asciiJson(text)).toMatch(/^[\x00-\x7f]*$/);
  expect(JSON.parse(asciiJson(text)) === text).toBe(true);
});

test.each([
  ['two\nlines', 'two\nlines'],
  ['p50 ▏█ … ü', 'p50 ▏█ … ü'],
  ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['a\r\tb\u007f\u009b2J', 'a\\u000d\\u0009b\\u007f\\u009b2J'],
  ['\u202etxt.exe\u2066\u200f\u2028', '\\u202etxt.exe\\u2066\\u200f\\u2028'],
])('%j is harmless as %j', (text, printed) => {
  expect(harmless(text)).toBe(printed);
});
