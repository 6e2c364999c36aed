/**
 * Who this process is, and what it may do (credentials(7), capabilities(7)). All of it is the calling thread's
 * alone, and Node has others by now: so it counts only for what this thread executes afterwards.
 */
import { LITTLE } from '../core/endianness.js';
import { checkErrno } from '../libbpf/errors.js';
import { isNull, libc, memoryAt, Passwd } from '../libbpf/ffi.js';
import type { CapabilitySet } from '../live/capabilities.js';

/** linux/prctl.h */
const PR_SET_KEEPCAPS = 8;
const PR_CAPBSET_READ = 23;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_RAISE = 2;

/** linux/capability.h: struct __user_cap_header_struct, and two of __user_cap_data_struct, the lower 32 bits first. */
const VERSION_3 = 0x20080522;
const WORDS_A_SET = 3;
const MOST_CAPABILITIES = 64;

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** @returns undefined where there is none of that name */
export function findUser(name: string): User | undefined {
  const entry = libc.getpwnam(name);
  if (isNull(entry)) return undefined;
  const bytes = memoryAt(entry, Passwd.size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const numbers = Passwd.size - 2 * Uint32Array.BYTES_PER_ELEMENT;
  const uid = view.getUint32(numbers, LITTLE);
  const gid = view.getUint32(numbers + Uint32Array.BYTES_PER_ELEMENT, LITTLE);
  return { name, uid, gid };
}

/** For good, with all groups of the user; what may be done at most stays. */
export function becomeUser({ name, uid, gid }: User): void {
  checkErrno('keep the capabilities', control(PR_SET_KEEPCAPS, 1));
  checkErrno(`take the groups of ${name}`, libc.initgroups(name, gid));
  process.setgid?.(gid);
  process.setuid?.(uid);
}

export interface Sets {
  readonly effective: CapabilitySet;
  readonly permitted: CapabilitySet;
  /** What a program may have that is executed. */
  readonly inheritable: CapabilitySet;
}

export function setCapabilities({ effective, permitted, inheritable }: Sets): void {
  const header = Buffer.from(Uint32Array.of(VERSION_3, 0).buffer);
  const words = new Uint32Array(2 * WORDS_A_SET);
  for (const [index, set] of [effective, permitted, inheritable].entries()) {
    words[index] = Number(set & 0xffff_ffffn);
    words[index + WORDS_A_SET] = Number(set >> 32n);
  }
  checkErrno('give up capabilities', libc.capset(header, Buffer.from(words.buffer)));
}

/** Whatever is executed from now on has no others. Takes CAP_SETPCAP. */
export function limitTo(kept: CapabilitySet): void {
  for (const number of knownCapabilities()) {
    if (((kept >> BigInt(number)) & 1n) === 1n) continue;
    checkErrno('give up capabilities', control(PR_CAPBSET_DROP, number));
  }
}

/** A program that is executed has these, whoever it runs as; they have to be permitted and inheritable. */
export function handDown(set: CapabilitySet): void {
  for (const number of knownCapabilities()) {
    if (((set >> BigInt(number)) & 1n) === 0n) continue;
    checkErrno('hand down capabilities', control(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number));
  }
}

/** No program that is executed gains anything: by set-user-ID, or by capabilities of its file. */
export function forbidNewPrivileges(): void {
  checkErrno('forbid new privileges', control(PR_SET_NO_NEW_PRIVS, 1));
}

/** Whether the effective user and capabilities allow it; 0 asks whether it is there. @param mode R_OK, W_OK, X_OK */
export function isAllowed(path: string, mode: number): boolean {
  return libc.eaccess(path, mode) === 0;
}

/** All that this kernel has. */
function knownCapabilities(): number[] {
  const all = Array.from({ length: MOST_CAPABILITIES }, (_, number) => number);
  return all.filter((number) => control(PR_CAPBSET_READ, number) >= 0);
}

function control(option: number, one: number, two = 0): number {
  return libc.prctl(option, one, two, 0, 0);
}
