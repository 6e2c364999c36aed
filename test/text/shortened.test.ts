import { describe, expect, test } from '@jest/globals';
import { shortened, shortenedEnds } from '../../src/text/shortened.js';

describe('a name', () => {
  test.each([
    ['10.0.0.1', 8, '10.0.0.1'],
    ['10.0.0.1', 12, '10.0.0.1    '],
    ['[2001:db8::1]:443', 16, '[2001:db…:1]:443'],
    ['0123456789', 9, '0123…6789'],
    ['0123456789', 4, '01…9'],
    ['0123456789', 1, '…'],
  ])('%s in %d columns is %s', (name, width, text) => {
    expect(shortened(name, width)).toBe(text);
    expect(text).toHaveLength(width);
  });
});

describe('a flow keeps both ports', () => {
  test.each([
    ['10.0.0.1:51002+10.0.0.2:443', 27, '10.0.0.1:51002+10.0.0.2:443'],
    ['10.0.0.1:51002+10.0.0.2:443', 30, '10.0.0.1:51002+10.0.0.2:443   '],
    ['10.99.0.1:51002+10.99.0.2:443', 16, '…:51002+…0.2:443'],
    ['10.99.0.2:443+10.99.0.1:51002', 16, '….2:443+…1:51002'],
    ['[2001:db8:1::9]:51002+[2001:db8:2::7]:443', 36, '[2001:db…9]:51002+[2001:db8…::7]:443'],
    ['10.99.0.1:51002+10.99.0.2:443 QUIC', 24, '10.9…:51002+….2:443 QUIC'],
    ['10.99.0.1+10.99.0.2 ICMP id 4711', 24, '10.99.0.1+… ICMP id 4711'],
    // Not even these have room.
    ['10.99.0.1:51002+10.99.0.2:44300', 12, '10.99.…44300'],
    ['(no socket here)', 9, '(no …ere)'],
  ])('%s in %d columns is %s', (name, width, text) => {
    expect(shortenedEnds(name, width)).toBe(text);
    expect(text).toHaveLength(width);
  });
});
