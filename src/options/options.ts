/** The command line -> what is asked for. */
import { extname } from 'node:path';
import { CommanderError } from 'commander';
import { UsageError } from '../faults.js';
import { FORMATS, type FormatName, formatFor } from '../format/formats.js';
import { isUrl } from '../output-url.js';
import { conflictIn, DEFAULT_SETTINGS, type Settings } from '../sampling/policy.js';
import { measuredOf } from '../sampling/protocols.js';
import { withinAnonymized } from './anonymization.js';
import { createCommand } from './command.js';
import { refuseUneven, refuseUnjudged } from './condition.js';
import { type Given, refuseConflicts } from './conflicts.js';
import { fieldsOf } from './fields.js';
import { type AddressesOf, addressesOnly, KnownHosts } from './hosts.js';
import { refuseLabels } from './labels.js';
import { refuseTooMany } from './limits.js';
import { metricsBy } from './metrics-by.js';
import {
  narrowed,
  type Operands,
  operandsIn,
  refuseBesideInterface,
  refuseWithoutSource,
  withArguments,
} from './operands.js';
import { refuseOfProtocols } from './protocol-refusals.js';
import { refusalOf, refusedValue } from './refusals.js';
import type { LiveOptions, Options, ReplayOptions } from './run-options.js';
import type { ParsedOptions } from './table.js';

export type * from './run-options.js';

/**
 * Parses the arguments (without node and script).
 * @param hosts what names of hosts stand for; where some are missing, the result is not to be used
 * @returns undefined when help was asked for and has been printed
 */
export function parseOptions(
  args: readonly string[],
  hosts = new KnownHosts(),
): Options | undefined {
  let options: Options | undefined;
  const command = createCommand({
    run(parsed, given, excess) {
      options = toRun(parsed, given, excess, hosts);
    },
    report(runs, { output, interface: seenAt }) {
      options = { runs, page: output, seenAt };
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
    command.parse(withArguments(withHelp(args)), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return options;
    throw refusalOf(error);
  }
  return options;
}

/** `help doctor` is what others have for `doctor --help`. */
function withHelp(args: readonly string[]): readonly string[] {
  const [first, ...rest] = args;
  return first === 'help' ? [...rest, '--help'] : args;
}

function toRun(
  parsed: ParsedOptions,
  given: Given,
  excess: readonly string[],
  hosts: KnownHosts,
): LiveOptions | ReplayOptions {
  const isReplay = parsed.read.length > 0;
  const operands = operandsIn(excess, isReplay);
  if (!isReplay) refuseCaptures(operands, parsed);
  refuseConflicts(parsed, given, isReplay ? 'replay' : 'live');
  refuseUnjudged(parsed.until, parsed.seconds);
  refuseUneven(parsed.until, parsed.events ? undefined : parsed.aggregate);
  const addressesOf = parsed.resolve ? hosts.addressesOf : addressesOnly;
  const resolved = {
    ...withinAnonymized(parsed, given),
    host: parsed.host.flatMap(addressesOf),
    excludeHost: parsed.excludeHost.flatMap(addressesOf),
  };
  const options = isReplay
    ? toReplay(operands, resolved, addressesOf)
    : toLive(operands, resolved, given, addressesOf);
  refuseOfProtocols(options);
  refuseLabels(options.labels, options.format, parsed.metrics !== undefined);
  return options;
}

function refuseCaptures({ captures }: Operands, parsed: ParsedOptions): void {
  if (parsed.interface.length === 0) refuseWithoutSource(captures);
  else refuseBesideInterface(captures);
}

function toLive(
  operands: Operands,
  parsed: ParsedOptions,
  given: Given,
  addressesOf: AddressesOf,
): LiveOptions {
  const { attach, ...fields } = fieldsOf('live', parsed);
  if (parsed.interface.length === 0) {
    throw new UsageError(
      'which interface? pping -i <name> (ip link lists them); for a capture, pping -r <file>',
    );
  }
  const filter = narrowed(fields.filter, operands.filter, addressesOf);
  refuseTooMany(filter);
  const method = attach === 'auto' ? undefined : attach;
  const by = metricsBy(fields.metrics.by, given, fields.aggregation);
  const common = { settings: checkedSettings(fields.settings), ...toOutput(parsed) };
  return {
    ...fields,
    ...common,
    filter,
    measured: measuredOf(filter.protocols),
    attach: method,
    metrics: { ...fields.metrics, by },
    tunnels: parsed.tunnels ?? false,
  };
}

function toReplay(
  operands: Operands,
  parsed: ParsedOptions,
  addressesOf: AddressesOf,
): ReplayOptions {
  const captures = [...parsed.read, ...operands.captures];
  if (captures.includes('')) throw refusedValue('--read', '', 'must not be empty');
  if (captures.filter((path) => path === '-').length > 1) {
    throw new UsageError('standard input (-) can be read only once');
  }
  const fields = fieldsOf('replay', parsed);
  const filter = narrowed(fields.filter, operands.filter, addressesOf);
  refuseTooMany(filter, fields.local);
  const { tunnels = true } = parsed;
  const settings = checkedSettings(fields.settings);
  const measured = measuredOf(filter.protocols);
  return { ...fields, filter, measured, settings, ...toOutput(parsed), captures, tunnels };
}

function checkedSettings(asked: Omit<Settings, 'spread'>): Settings {
  const settings = { ...DEFAULT_SETTINGS, ...asked };
  const conflict = conflictIn(settings);
  if (conflict !== undefined) throw new UsageError(conflict);
  return settings;
}

/** `-o -` says what is so without it, too. */
function toOutput(parsed: ParsedOptions): Pick<LiveOptions, 'output' | 'format'> {
  const output = parsed.output === '-' ? undefined : parsed.output;
  if (isUrl(output)) refuseUrl(output, parsed.format);
  else if (output !== undefined) {
    refuseTable(output, parsed.format);
    refuseCompressed(output, parsed);
  }
  return { output, format: toFormat({ ...parsed, output }) };
}

/** What it says may be secret, and is not repeated. */
function refuseUrl(text: string, format: FormatName | undefined): void {
  if (!URL.canParse(text)) throw new UsageError('-o: invalid URL');
  const { username, password } = new URL(text);
  if (username !== '' || password !== '') {
    throw new UsageError('-o: a URL must not contain a password; use --http-headers <file>');
  }
  if (format === undefined || format === 'ndjson') return;
  throw new UsageError(`--format ${format} cannot be used with a URL, which is sent NDJSON`);
}

/** Whoever names a file so expects what is in none of the formats. */
function refuseTable(output: string, format: FormatName | undefined): void {
  if (format !== undefined || !/\.tsv$/i.test(output)) return;
  const formats = FORMATS.join(', ');
  throw new UsageError(
    `${output}: TSV is not supported; use -o <name>.csv, or --format with one of ${formats}`,
  );
}

/** By the endings of their files. */
const COMPRESSORS: Readonly<Record<string, string>> = {
  ...{ '.gz': 'gzip', '.zst': 'zstd', '.xz': 'xz', '.bz2': 'bzip2', '.lz4': 'lz4' },
};

/** Whoever names a file so expects it compressed, and in the format that the rest of its name says. */
function refuseCompressed(output: string, { format, live }: ParsedOptions): void {
  const ending = extname(output);
  const compressor = COMPRESSORS[ending.toLowerCase()];
  if (compressor === undefined) return;
  const plain = output.slice(0, -ending.length);
  const pipe = `--format ${format ?? formatFor(plain)} | ${compressor} > ${output}`;
  const instead = live ? `-o ${plain}, and compress it when the run is over` : pipe;
  throw new UsageError(`${output}: pping does not compress files: ${instead}`);
}

/** With --live the lines go to a file, or nowhere. */
function toFormat({ format, output, live }: ParsedOptions): FormatName | undefined {
  if (live && output === undefined) return undefined;
  return format ?? formatFor(output);
}
