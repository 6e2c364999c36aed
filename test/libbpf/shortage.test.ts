import { constants } from 'node:os';
import { expect, test } from '@jest/globals';
import { Fault } from '../../src/faults.js';
import { KernelError } from '../../src/libbpf/errors.js';
import { isShortage } from '../../src/libbpf/shortage.js';

const failed = (code: string) => Object.assign(new Error(), { code });

test.each([
  ['a call into the kernel', new KernelError('attach', constants.errno.EMFILE)],
  ['netlink', new KernelError('ask', constants.errno.ENOBUFS)],
  ['a file', failed('ENFILE')],
  ['what is said of one', new Fault('no', { cause: failed('ENOMEM') })],
])('of memory or open files: %s', (_, error) => expect(isShortage(error)).toBe(true));

test.each([
  ['a right', new KernelError('attach', constants.errno.EPERM)],
  ['a file that is not there', failed('ENOENT')],
  ['what is said of one', new Fault('no', { cause: failed('ENOENT') })],
  ['a fault of no call', new Fault('no')],
  ['nothing that is known', undefined],
])('of something else: %s', (_, error) => expect(isShortage(error)).toBe(false));
