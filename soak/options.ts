// What a soak is asked for.
import { Command, InvalidArgumentError, Option } from 'commander';

export interface SoakOptions {
  /** Of churn and faults; what comes before and after takes about a minute more. */
  readonly minutes: number;
  /** Of all that is random. */
  readonly seed: number;
  /** Connections opened per second. */
  readonly rate: number;
  /** Whether it is also told, and judged, whose connections they are. */
  readonly owners: boolean;
  /** Whether pings, DNS and QUIC are measured beside TCP, and judged. */
  readonly protocols: 'tcp' | 'all';
}

const LEAST_MINUTES = 0.1;
const MOST_MINUTES = 7 * 24 * 60;
const MOST_RATE = 20_000;
const MOST_SEED = 2 ** 31 - 1;

/** Throws a CommanderError, having said what is wrong, where the command line means nothing; also for --help. */
export function parseOptions(argv: readonly string[]): SoakOptions {
  const command = new Command('soak')
    .description('churning connections and random faults, for as long as is asked for')
    .option('--minutes <n>', 'how long', number(LEAST_MINUTES, MOST_MINUTES), 10)
    .option('--seed <n>', 'to repeat a run', wholeNumber(0, MOST_SEED), Date.now() % MOST_SEED)
    .option('--rate <n>', 'connections per second', wholeNumber(1, MOST_RATE), 3_000)
    .option('--owners', 'also tell whose connections they are (--who)', false)
    .addOption(protocols())
    .exitOverride();
  return command.parse(argv, { from: 'user' }).opts<SoakOptions>();
}

function protocols(): Option {
  return new Option('--protocols <which>', 'also pings, DNS and QUIC: all')
    .choices(['tcp', 'all'])
    .default('tcp');
}

function number(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`a number from ${least} to ${most} is wanted.`);
  };
}

function wholeNumber(least: number, most: number): (text: string) => number {
  const parse = number(least, most);
  return (text) => {
    if (Number.isInteger(parse(text))) return parse(text);
    throw new InvalidArgumentError('a whole number is wanted.');
  };
}
