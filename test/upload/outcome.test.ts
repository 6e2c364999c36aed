import { expect, test } from '@jest/globals';
import { outcomeOf } from '../../src/upload/outcome.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const of = (status: number, retryAfter?: string) => outcomeOf(status, 'why', retryAfter, NOW);

test.each([200, 201, 202, 204])('%d is accepted', (status) => {
  expect(of(status)).toEqual({ kind: 'accepted' });
});

test.each([408, 429, 500, 502, 503, 504])('%d is tried again', (status) => {
  expect(of(status)).toEqual({ kind: 'retry', reason: status, after: undefined });
});

test.each([301, 302, 304, 307, 400, 401, 403, 404, 413, 415, 422])('%d is for good', (status) => {
  expect(of(status)).toEqual({ kind: 'rejected', status, line: 'why' });
});

test.each([
  ['7', 7_000],
  [' 0 ', 0],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
  ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
  ['soon', undefined],
  ['-3', undefined],
])('Retry-After: %s', (header, after) => {
  expect(of(503, header)).toMatchObject({ kind: 'retry', after });
});
