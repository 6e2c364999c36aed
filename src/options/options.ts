/** The command line -> what is wanted. Knows nothing of how it is done. */
import { extname } from 'node:path';
import { CommanderError } from 'commander';
import type { WantedOwners } from '../attribution/wanted-owners.js';
import { LIMIT } from '../core/layouts.js';
import { UsageError } from '../faults.js';
import type { FormatName } from '../format/formats.js';
import { DEFAULT_REORDER } from '../replay/reader.js';
import type { Filter } from '../sampling/filter.js';
import { type Capacity, conflictIn, DEFAULT_SETTINGS, type Settings } from '../sampling/policy.js';
import { ADDRESS_BITS, type Prefix } from '../sampling/prefix.js';
import type { Condition } from '../summary/condition.js';
import { createCommand, type ParsedOptions, type Shell } from './command.js';
import { toFilter } from './filter.js';

/** What a run is to do, whatever its packets come from. */
export interface RunOptions {
  readonly settings: Settings;
  readonly capacity: Capacity;
  readonly filter: Filter;
  /** Nanoseconds between two reports of what was counted; undefined for one at the end. */
  readonly statsInterval: bigint | undefined;
  /** Nanoseconds between two sweeps. */
  readonly cleanupInterval: bigint;
  /** Undefined where nothing is printed: --quiet, --live. */
  readonly format: FormatName | undefined;
  /** Undefined is standard output. */
  readonly output: string | undefined;
  readonly color: boolean;
  /** Whether events are not printed, and only warnings are said before the end. */
  readonly quiet: boolean;
  /** End after so many samples. */
  readonly count: number | undefined;
  /** End after so many nanoseconds. */
  readonly duration: bigint | undefined;
  /** End when one of them comes true. */
  readonly until: readonly Condition[];
}

export interface LiveOptions extends RunOptions {
  readonly interface: string;
  /** Undefined takes TCX where there is one, else clsact. */
  readonly attach: 'tcx' | 'clsact' | undefined;
  /** Who the run is to be once it has started; undefined: whoever starts it. */
  readonly user: string | undefined;
  /** Whether what pping itself costs is measured and told. */
  readonly selfCost: boolean;
  /** Whether the screen is taken for a live view. */
  readonly live: boolean;
  /** Whether it is found out whose connections are. */
  readonly who: boolean;
  /** Whose connections are measured. */
  readonly wantedOwners: WantedOwners;
  /** Whether it is found out what their addresses were before this machine translated them. */
  readonly nat: boolean;
}

/** All durations are the capture's time. */
export interface ReplayOptions extends RunOptions {
  /** A file; `-` is standard input. */
  readonly capture: string;
  /** Which ends are on our side; none: both sides are treated alike. */
  readonly local: readonly Prefix[];
  /** By how much packets may be out of order and still be put right, in nanoseconds. */
  readonly reorder: bigint;
}

export interface ReportOptions {
  /** Files; `-` is standard input. */
  readonly runs: readonly string[];
  readonly page: string | undefined;
}

export interface DoctorOptions {
  readonly doctor: true;
  /** That a run would have. */
  readonly capacity: Capacity;
}

export interface CompletionOptions {
  readonly shell: Shell;
}

/** What this is, and what it runs with. */
export interface VersionOptions {
  readonly version: true;
}

export type Options =
  | LiveOptions
  | ReplayOptions
  | ReportOptions
  | DoctorOptions
  | CompletionOptions
  | VersionOptions;

/**
 * Parses the arguments (without node and script).
 * @returns undefined when help was asked for and has been printed
 */
export function parseOptions(args: readonly string[]): Options | undefined {
  let options: Options | undefined;
  const command = createCommand({
    run(parsed, excess) {
      options = toRun(parsed, excess);
    },
    report(runs, { output }) {
      options = { runs, page: output };
    },
    doctor({ maxFlows, maxTimestamps }) {
      options = { doctor: true, capacity: { flows: maxFlows, timestamps: maxTimestamps } };
    },
    completion(shell) {
      options = { shell };
    },
    version() {
      options = { version: true };
    },
  });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return options;
    throw new UsageError(error.message.replace(/^error: /, '').replaceAll('\n', ' '));
  }
  return options;
}

function toRun(parsed: ParsedOptions, [excess]: readonly string[]): LiveOptions | ReplayOptions {
  if (excess !== undefined) {
    throw new UsageError(`what is ${JSON.stringify(excess)}? An interface: -i; a capture: -r`);
  }
  if (parsed.output === '-') return toRun(toStandardOutput(parsed), []);
  const run = toRunOptions(parsed);
  return parsed.read === undefined ? toLive(parsed, run) : toReplay(parsed.read, parsed, run);
}

/** `-o -` says what is so without it, too. */
function toStandardOutput({ output: _, ...others }: ParsedOptions): ParsedOptions {
  if (!others.live) return others;
  throw new UsageError('--live has standard output for itself: -o <file> is for the lines');
}

function toLive(parsed: ParsedOptions, run: RunOptions): LiveOptions {
  const { interface: name, attach, user, selfCost = false, live = false } = parsed;
  const unwanted = ONLY_REPLAY.find((option) => parsed[option] !== undefined);
  if (unwanted !== undefined) throw new UsageError(`--${unwanted} means nothing without -r`);
  if (name === undefined) {
    throw new UsageError('which interface? pping -i <name> (ip link shows them), or -r <capture>');
  }
  return {
    ...run,
    interface: name,
    attach: attach === 'auto' ? undefined : attach,
    user,
    selfCost,
    live,
    ...toAttribution(parsed, run),
    wantedOwners: toWantedOwners(parsed),
  };
}

function toAttribution(
  { who = false, nat = false }: ParsedOptions,
  { format, quiet }: RunOptions,
): Pick<LiveOptions, 'who' | 'nat'> {
  const hasLines = format !== undefined && !quiet;
  if (nat && (!hasLines || format === 'ppviz')) {
    throw new UsageError('--nat is told in lines, human or ndjson, and here there are none');
  }
  return { who, nat };
}

function toWantedOwners({ cgroup, container, pid }: ParsedOptions): WantedOwners {
  return { cgroups: cgroup ?? [], containers: container ?? [], pids: pid ?? [] };
}

function toReplay(capture: string, parsed: ParsedOptions, run: RunOptions): ReplayOptions {
  if (parsed.interface !== undefined) throw new UsageError('-i and -r do not go together');
  const unwanted = ONLY_LIVE.find(([name]) => parsed[name] !== undefined);
  if (unwanted !== undefined) {
    const [, option] = unwanted;
    throw new UsageError(`--${option} means nothing with -r`);
  }
  const { reorder = DEFAULT_REORDER } = parsed;
  return { ...run, capture, local: checkedLocal(parsed), reorder };
}

const ONLY_REPLAY = ['local', 'reorder'] as const;
/** As they are parsed, and as they are written. */
const ONLY_LIVE = [
  ['attach', 'attach'],
  ['user', 'user'],
  ['live', 'live'],
  ['selfCost', 'self-cost'],
  ['who', 'who'],
  ['nat', 'nat'],
  ['cgroup', 'cgroup'],
  ['container', 'container'],
  ['pid', 'pid'],
] as const;

/** --include-local is about the machine that captured: networks do not say which that is. */
function checkedLocal({ local = [], includeLocal }: ParsedOptions): readonly Prefix[] {
  if (includeLocal && local.length > 0 && !local.some(({ bits }) => bits === ADDRESS_BITS)) {
    throw new UsageError('with -r, --include-local wants a --local <address> among the networks');
  }
  if (local.length > LIMIT.prefixes) throw new UsageError(`--local: at most ${LIMIT.prefixes}`);
  return local;
}

function toRunOptions(parsed: ParsedOptions): RunOptions {
  return {
    settings: toSettings(parsed),
    capacity: { flows: parsed.maxFlows, timestamps: parsed.maxTimestamps },
    filter: toFilter(parsed),
    statsInterval: parsed.stats,
    cleanupInterval: parsed.cleanupInterval,
    format: toFormat(parsed),
    output: parsed.output,
    color: parsed.color,
    quiet: parsed.quiet ?? false,
    count: parsed.count,
    duration: parsed.seconds,
    until: parsed.until ?? [],
  };
}

function toSettings(parsed: ParsedOptions): Settings {
  const { rate, rttRate, rttType = DEFAULT_SETTINGS.rttType, burst, reportInterval } = parsed;
  const { flowTimeout, timestampTimeout, handshake, includeLocal = false } = parsed;
  const sampling = { rate, rttRate, rttType, burst, reportInterval };
  const others = { flowTimeout, timestampTimeout, handshake, includeLocal };
  const settings = { ...DEFAULT_SETTINGS, ...sampling, ...others };
  if (parsed.rttType !== undefined && rttRate === 0n) {
    throw new UsageError('--rtt-type means nothing without --rtt-rate');
  }
  const conflict = conflictIn(settings);
  if (conflict !== undefined) throw new UsageError(conflict);
  return settings;
}

/** With --live the lines go to a file, or nowhere; with --quiet only NDJSON has any. */
function toFormat({ format, output, live, quiet, stats }: ParsedOptions): FormatName | undefined {
  if (live && stats !== undefined) {
    throw new UsageError('--live shows all the time what --stats would tell');
  }
  if (live && quiet) throw new UsageError('--live and --quiet do not go together');
  if (live && output === undefined && format !== undefined) {
    throw new UsageError('--live shows no lines: --format means nothing with it but for -o');
  }
  if (live && output === undefined) return undefined;
  const chosen = format ?? formatFor(output);
  if (!quiet || chosen === 'ndjson') return chosen;
  if (output === undefined && format === undefined) return undefined;
  throw new UsageError('--quiet prints no RTTs: of the formats only ndjson has a summary');
}

function formatFor(output: string | undefined): FormatName {
  const extension = output === undefined ? '' : extname(output);
  return ['.ndjson', '.jsonl', '.json'].includes(extension) ? 'ndjson' : 'human';
}
