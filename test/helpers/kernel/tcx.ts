/** Kernels from 6.6 on have TCX; what needs it is left out, and says why, where tests run on an older one. */
import { release } from 'node:os';
import { test } from '@jest/globals';
import type { AttachMethod } from '../../../src/libbpf/attachment.js';

const [major = 0, minor = 0] = release().split('.').map(Number);

/** By the version, not by trying: what does not work must not pass for what is not there. */
export const hasTcx = major > 6 || (major === 6 && minor >= 6);

export const METHODS: readonly AttachMethod[] = hasTcx ? ['tcx', 'clsact'] : ['clsact'];

/** Declares a test that needs TCX. On older kernels it counts as skipped, with the reason in its name. */
export function testWithTcx(name: string, run: () => Promise<void>): void {
  if (hasTcx) test(name, run);
  else test.skip(`${name} (Linux ${major}.${minor} has no TCX)`, run);
}
