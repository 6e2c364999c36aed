/** The command: arguments in, exit code out. */
import { inspect } from 'node:util';
import type { HandedStart } from '../commands/start.js';
import { Fault, faultOf, UsageError } from '../faults.js';
import { takeHandedOver } from '../handed-over.js';
import { explainNotLoaded, isNotLoaded } from '../installation/native-code.js';
import type { Options } from '../options/options.js';
import { openStandardError } from '../stdio/standard-error.js';
import { endUnread } from '../stdio/unread.js';
import { asciiText, harmless } from '../text/ascii.js';
import { readArguments } from './arguments.js';
import { endOnUncaught } from './uncaught.js';

const EXIT_FAULT = 1;
const EXIT_USAGE = 2;
const ASKS_VERSION = ['-V', '--version'];

/** @returns the exit code: 0, 1 for faults, 2 for bad input, 10 when --until has come true */
export async function main(args: readonly string[]): Promise<number> {
  endOnUncaught(report);
  try {
    const handed = takeHandedOver<HandedStart, Options>();
    const options = handed?.known ?? (await optionsIn(args));
    return options ? await run(options, handed?.needed) : 0;
  } catch (error) {
    return report(error);
  } finally {
    endUnread(process.stderr);
  }
}

/** Whoever asks for the version alone does not wait for what knows the options. */
async function optionsIn(args: readonly string[]): Promise<Options | undefined> {
  const [only = ''] = args;
  if (args.length === 1 && ASKS_VERSION.includes(only)) return { version: true };
  return readArguments(args);
}

/** Loads only what is needed: a replay, help and bad options need no libbpf. */
async function run(options: Options, handed?: HandedStart): Promise<number> {
  if ('interfaces' in options) {
    const { start } = await import('../commands/start.js').catch(explainMissingModule);
    const started = await start(options, handed);
    return (await import('../commands/monitor.js')).monitor(options, started);
  }
  openStandardError();
  if ('captures' in options) return (await import('../commands/replay.js')).replay(options);
  if ('runs' in options) return (await import('../commands/report.js')).report(options);
  if ('version' in options) return (await import('../commands/version.js')).version();
  if ('doctor' in options) return (await import('../commands/doctor.js')).doctor(options);
  return (await import('../commands/completion.js')).completion(options);
}

/** What calls libbpf is optional: npm may have left it out. */
function explainMissingModule(error: unknown): never {
  if (!isNotLoaded(error)) throw error;
  const { found, fix } = explainNotLoaded(error);
  throw new Fault(`watching an interface needs node-ffi-napi, which is ${found}; ${fix}`, {
    cause: error,
  });
}

function report(error: unknown): number {
  openStandardError();
  process.stderr.write(`pping: ${textOf(error)}\n`);
  // Also of what has caused it.
  if (process.env.PPING_DEBUG && error instanceof Error)
    process.stderr.write(`${harmless(inspect(error))}\n`);
  return error instanceof UsageError ? EXIT_USAGE : EXIT_FAULT;
}

/** One line, but for what the kernel's verifier says; whatever others have named. */
function textOf(error: unknown): string {
  if (error instanceof UsageError) return asciiText(error.message);
  return faultOf(error).message.split('\n').map(asciiText).join('\n');
}
