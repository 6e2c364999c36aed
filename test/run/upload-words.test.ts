/** What is said of an output that is sent to a URL: enough to know, and not over and over. */
import { beforeEach, expect, test } from '@jest/globals';
import { uploadWords } from '../../src/run/upload-words.js';
import { uploadFault } from '../../src/upload/fault-text.js';
import type { UploadEvents } from '../../src/upload/http-sink.js';
import type { Failure, Rejection, Retry } from '../../src/upload/outcome.js';

const URL_OF_SERVER = new URL('http://db.example/in?password=secret');
const DISK_FULL = Object.assign(new Error('ENOSPC'), {
  code: 'ENOSPC',
  errno: -28,
  syscall: 'write',
});

let said: string[];
let words: UploadEvents;

beforeEach(() => {
  said = [];
  words = uploadWords({
    faultOf: (failure: Failure) => uploadFault(URL_OF_SERVER, failure),
    folder: '/spool',
    say: (text) => said.push(text),
    onError: undefined,
    dropped: () => 3,
  });
});

const retry = (reason: number): Retry => ({ kind: 'retry', reason });
const rejection = (status: number): Rejection => ({ kind: 'rejected', status, line: 'what' });

test('reasons that take turns are said once each, and again after the server has recovered', () => {
  for (let attempt = 0; attempt < 3; attempt++) {
    words.onRetry(retry(503));
    words.onSpoolFault(DISK_FULL);
    words.onRetry(retry(500));
  }
  expect(said.splice(0)).toEqual([
    'http://db.example/in: answered 503; retrying',
    '/spool: disk full',
    'http://db.example/in: answered 500; retrying',
  ]);
  words.onRecovery();
  words.onRetry(retry(503));
  expect(said).toEqual([
    'output works again: 3 lines lost so far',
    'http://db.example/in: answered 503; retrying',
  ]);
});

test('answers with the same status are one reason, whatever their text', () => {
  for (const id of [1, 2]) words.onRetry({ ...retry(401), line: `no such token, request ${id}` });
  expect(said).toEqual(['http://db.example/in: answered 401: no such token, request 1; retrying']);
});

test('batches that are dropped are said once for each status', () => {
  for (const status of [400, 413, 400, 413]) words.onRejected(rejection(status), 7);
  expect(said).toEqual([
    'http://db.example/in: answered 400: what; 7 lines dropped',
    'http://db.example/in: answered 413: what; 7 lines dropped',
  ]);
});
