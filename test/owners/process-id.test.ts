import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from '@jest/globals';
import { requireProcess } from '../../src/owners/process-id.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const PID = process.pid;

/** @returns a /proc of our own */
function proc(namespace: string, status: string): string {
  mkdirSync(inFolder('self/ns'), { recursive: true });
  symlinkSync(namespace, inFolder('self/ns/pid'));
  mkdirSync(inFolder(`${PID}`));
  writeFileSync(inFolder(`${PID}/status`), status);
  return inFolder('.');
}

const INITIAL = 'pid:[4026531836]';

describe('the id of a process', () => {
  test('is taken', () => {
    const here = proc(INITIAL, `Name:\tnode\nTgid:\t${PID}\nNgid:\t0\nPid:\t${PID}\n`);
    expect(() => requireProcess(PID, here)).not.toThrow();
  });

  test('is taken where /proc does not tell', () => {
    expect(() => requireProcess(PID, inFolder('none'))).not.toThrow();
  });

  test('of nobody is refused', () => {
    expect(() => requireProcess(4_194_305)).toThrow('--pid: no process 4194305');
  });

  test('that is a thread is refused: no socket is found by it', () => {
    const here = proc(INITIAL, `Name:\tnode\nTgid:\t17\nNgid:\t0\nPid:\t${PID}\n`);
    expect(() => requireProcess(PID, here)).toThrow(`--pid: ${PID} is a thread of process 17`);
  });

  test('of another PID namespace is refused: sockets have those of the host', () => {
    const here = proc('pid:[4026532001]', `Tgid:\t${PID}\n`);
    expect(() => requireProcess(PID, here)).toThrow('run the container with --pid=host');
  });
});

test('a real thread is told by its process', async () => {
  const script =
    "const { parentPort } = require('node:worker_threads');" +
    "parentPort.postMessage(require('node:fs').readlinkSync('/proc/thread-self'));" +
    'setInterval(() => {}, 1_000);';
  const worker = new Worker(script, { eval: true });
  const thread = await new Promise<string>((resolve) => worker.once('message', resolve));
  const id = Number(thread.split('/').at(-1));
  try {
    expect(() => requireProcess(id)).toThrow(`--pid: ${id} is a thread of process ${PID}`);
  } finally {
    await worker.terminate();
  }
});
