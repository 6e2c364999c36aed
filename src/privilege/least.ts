/** What a run goes on with once all is opened and loaded: the least that it needs. */
import { constants, existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault, UsageError } from '../faults.js';
import {
  CAP,
  type CapabilitySet,
  capabilitySetIn,
  NEEDED_SET,
  setOf,
} from '../live/capabilities.js';
import { ENTRIES_OBJECT } from '../live/requirements.js';
import { ownPath } from '../own-path.js';
import { asciiText } from '../text/ascii.js';
import {
  becomeUser,
  findUser,
  forbidNewPrivileges,
  handDown,
  isAllowed,
  limitTo,
  setCapabilities,
  type User,
} from './credentials.js';

const ROOT_UID = 0;
const STATUS = '/proc/self/status';
const { R_OK, W_OK, X_OK } = constants;

/** One for each place that pping may be read from; found while it can be. */
const OWN_FILES = [
  process.execPath,
  ...process.argv.slice(1, 2),
  fileURLToPath(import.meta.url),
  createRequire(import.meta.url).resolve('node-ffi-napi'),
  ENTRIES_OBJECT,
];

/** What a run will still do. */
export interface Needs {
  /** Undefined: it stays who it is. */
  readonly user: User | undefined;
  /** The file that SIGHUP opens anew. */
  readonly output: string | undefined;
  /** The folder in which files come and go. */
  readonly spool: string | undefined;
  /** Whether cgroups are asked for by their ids. */
  readonly cgroups: boolean;
  /** Whether network namespaces are entered, and those that come are found. */
  readonly namespaces: boolean;
}

/** Throws a UsageError where there is no such user. */
export function requireUser(name: string): User {
  const user = findUser(name);
  if (user) return user;
  throw new UsageError(
    `--user: there is no user ${asciiText(name)}; getent passwd shows those there are`,
  );
}

/**
 * Whether there is something to give up, and the right to do so: of root, or for --user.
 * Throws a Fault where --user cannot be had.
 */
export function canGiveUp(user: User | undefined): boolean {
  if (process.geteuid?.() !== ROOT_UID) {
    if (!user) return false;
    throw new Fault('--user: only root can become another user');
  }
  if (!existsSync(STATUS)) {
    if (!user) return false;
    throw new Fault('--user takes /proc, which is not mounted here');
  }
  const permitted = permittedSet();
  const taken = user ? setOf(CAP.SETPCAP, CAP.SETUID, CAP.SETGID) : setOf(CAP.SETPCAP);
  const isEnough = includes(permitted, NEEDED_SET | taken);
  if (user && !isEnough) {
    throw new Fault(
      '--user takes CAP_SETUID, CAP_SETGID and CAP_SETPCAP, besides CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON',
    );
  }
  return isEnough;
}

/**
 * Of this thread: for what it executes next. Throws a Fault where that could not be executed.
 * @returns what is left
 */
export function giveUp(needs: Needs): CapabilitySet {
  const { user } = needs;
  const needed = needs.namespaces ? NEEDED_SET | OF_NAMESPACES : NEEDED_SET;
  const kept = (user ? needed : needed | convenient(needs)) & permittedSet();
  limitTo(kept);
  if (user) becomeUser(user);
  // What root executes has all that it is limited to; what others do, nothing but what is handed down.
  const inheritable = user ? kept : 0n;
  setCapabilities({ effective: kept, permitted: kept, inheritable });
  handDown(inheritable);
  forbidNewPrivileges();
  const unreadable = unreadableFile();
  if (user && unreadable !== undefined) {
    throw new Fault(
      `--user: ${asciiText(user.name)} cannot read ${asciiText(unreadable)}, which is a part of pping; install pping and Node where all can`,
    );
  }
  return kept;
}

/**
 * What root needs beyond the three, so that the run does what it does as root. Whoever stays root has root's files
 * anyway: these do not make much of a difference.
 */
function convenient({ output, spool, cgroups }: Needs): CapabilitySet {
  const permitted = permittedSet();
  const path = output === undefined ? undefined : ownPath(output);
  const folder = spool === undefined ? undefined : ownPath(spool);
  const attempt = (more: CapabilitySet) =>
    setCapabilities({ effective: (NEEDED_SET | more) & permitted, permitted, inheritable: 0n });
  const least = (steps: readonly CapabilitySet[], isEnough: () => boolean) =>
    steps.find((more) => {
      attempt(more);
      return isEnough();
    }) ??
    steps.at(-1) ??
    0n;
  try {
    const forOutput = path === undefined ? 0n : least(TO_WRITE, () => canOpenAnew(path));
    const forSpool = folder === undefined ? 0n : least(TO_WRITE, () => canUse(folder));
    return forOutput | forSpool | (cgroups ? READ : 0n) | least(TO_BEGIN, canBegin);
  } finally {
    attempt(permitted);
  }
}

/** To enter them; to see whose they are; to be told of their interfaces. */
const OF_NAMESPACES = setOf(CAP.SYS_ADMIN, CAP.SYS_PTRACE, CAP.NET_BROADCAST);

const READ = setOf(CAP.DAC_READ_SEARCH);
const OVERRIDE = setOf(CAP.DAC_OVERRIDE);
/** One after the other, until it is enough. */
const TO_BEGIN = [0n, READ, READ | OVERRIDE];
/** The last one is for files of another mount namespace, as /proc/<pid>/root/... */
const TO_WRITE = [0n, OVERRIDE, OVERRIDE | setOf(CAP.SYS_PTRACE)];

function canBegin(): boolean {
  return isAllowed(process.execPath, X_OK) && unreadableFile() === undefined;
}

function unreadableFile(): string | undefined {
  return OWN_FILES.find((path) => !isAllowed(path, R_OK));
}

/** As ownPath() has it. */
const DESCRIPTOR = /^\/proc\/[^/]+\/fd\//;

/** A file also once it has been moved away. */
function canOpenAnew(path: string): boolean {
  if (!isAllowed(path, W_OK)) return false;
  const isMovable = !DESCRIPTOR.test(path) && statSync(path).isFile();
  return !isMovable || isAllowed(dirname(path), W_OK | X_OK);
}

function canUse(folder: string): boolean {
  return isAllowed(folder, R_OK | W_OK | X_OK);
}

function permittedSet(): CapabilitySet {
  return capabilitySetIn(readFileSync(STATUS, 'utf8'), 'CapPrm');
}

function includes(set: CapabilitySet, others: CapabilitySet): boolean {
  return (set & others) === others;
}
