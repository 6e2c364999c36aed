/** How a run ends that has been told to. */
import { expect } from '@jest/globals';
import { STACK_TRACE } from '../../../lab/stack-trace.js';
import type { Ended } from './cli.js';

const SUMMARY =
  /^\d+ samples? of \d+ flows?\nbeyond [\w ]+: .*\n {2}RTT in ms .*\n[\s\S]*^no events lost$/m;

/** Exit 0, and a summary of what was measured, of which nothing was lost. */
export function expectCleanEnd(ended: Ended): void {
  expect(ended).toMatchObject({ code: 0, signal: null });
  expect(ended.stderr).toMatch(SUMMARY);
  expect(ended.stderr).not.toMatch(STACK_TRACE);
}
