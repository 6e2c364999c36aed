/** The command line -> what is wanted. Knows nothing of how it is done. */
import { extname } from 'node:path';
import { CommanderError } from 'commander';
import { UsageError } from '../faults.js';
import type { FormatName } from '../format/formats.js';
import { type LocalPrefix, MACHINE_BITS, MOST_LOCAL } from '../replay/local.js';
import { type Capacity, conflictIn, DEFAULT_SETTINGS, type Settings } from '../sampling/policy.js';
import { createCommand, type ParsedOptions } from './command.js';

/** What a run is to do, whatever its packets come from. */
export interface RunOptions {
  readonly settings: Settings;
  readonly capacity: Capacity;
  /** Nanoseconds between two reports of what was counted; undefined for one at the end. */
  readonly statsInterval: bigint | undefined;
  /** Nanoseconds between two sweeps. */
  readonly cleanupInterval: bigint;
  readonly format: FormatName;
  /** Undefined is standard output. */
  readonly output: string | undefined;
  readonly color: boolean;
  /** End after so many samples. */
  readonly count: number | undefined;
  /** End after so many nanoseconds. */
  readonly duration: bigint | undefined;
}

export interface LiveOptions extends RunOptions {
  readonly interface: string;
  /** Undefined takes TCX where there is one, else clsact. */
  readonly attach: 'tcx' | 'clsact' | undefined;
  /** Whether what pping itself costs is measured and told. */
  readonly selfCost: boolean;
}

/** All durations are the capture's time. */
export interface ReplayOptions extends RunOptions {
  /** A file; `-` is standard input. */
  readonly capture: string;
  /** Which ends are on our side; none: both sides are treated alike. */
  readonly local: readonly LocalPrefix[];
}

export type Options = LiveOptions | ReplayOptions;

/**
 * Parses the arguments (without node and script).
 * @returns undefined when help or version was asked for and has been printed
 */
export function parseOptions(args: readonly string[], version: string): Options | undefined {
  const command = createCommand(version);
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new UsageError(error.message.replace(/^error: /, '').replaceAll('\n', ' '));
  }
  return toOptions(command.opts<ParsedOptions>());
}

function toOptions(parsed: ParsedOptions): Options {
  const run = toRunOptions(parsed);
  const { interface: name, read, local, attach, selfCost } = parsed;
  if (read === undefined) {
    if (local !== undefined) throw new UsageError('--local means nothing without -r');
    if (name === undefined) {
      throw new UsageError(
        'which interface? pping -i <name> (ip link shows them), or -r <capture>',
      );
    }
    return { ...run, interface: name, attach: attach === 'auto' ? undefined : attach, selfCost };
  }
  if (name !== undefined) throw new UsageError('-i and -r do not go together');
  if (attach !== undefined) throw new UsageError('--attach means nothing with -r');
  if (selfCost) throw new UsageError('--self-cost means nothing with -r');
  return { ...run, capture: read, local: checkedLocal(parsed) };
}

/** --include-local is about this machine: of a capture, it has to be known which that is. */
function checkedLocal({ local = [], includeLocal }: ParsedOptions): readonly LocalPrefix[] {
  if (includeLocal && !local.some(({ bits }) => bits === MACHINE_BITS)) {
    throw new UsageError('with -r, --include-local means nothing without --local <address>');
  }
  if (local.length > MOST_LOCAL) throw new UsageError(`--local: at most ${MOST_LOCAL}`);
  return local;
}

function toRunOptions(parsed: ParsedOptions): RunOptions {
  return {
    settings: toSettings(parsed),
    capacity: { flows: parsed.maxFlows, timestamps: parsed.maxTimestamps },
    statsInterval: parsed.stats,
    cleanupInterval: parsed.cleanupInterval,
    format: parsed.format ?? formatFor(parsed.output),
    output: parsed.output,
    color: parsed.color,
    count: parsed.count,
    duration: parsed.seconds,
  };
}

function toSettings(parsed: ParsedOptions): Settings {
  const { rate, rttRate, rttType = DEFAULT_SETTINGS.rttType, burst, reportInterval } = parsed;
  const { flowTimeout, timestampTimeout, handshake, includeLocal } = parsed;
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

function formatFor(output: string | undefined): FormatName {
  const extension = output === undefined ? '' : extname(output);
  return ['.ndjson', '.jsonl', '.json'].includes(extension) ? 'ndjson' : 'human';
}
