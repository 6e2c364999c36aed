/** One row of the option table: all that parsing, help, manual and completion know of an option. */
import type { WantedOwners } from '../attribution/wanted-owners.js';
import type { Aggregation } from '../sampling/aggregation.js';
import type { Filter, Selection } from '../sampling/filter.js';
import type { InterfaceWords } from '../sampling/interface-words.js';
import type { Capacity, Settings } from '../sampling/policy.js';
import type { UdpPorts } from '../sampling/protocols.js';
import type {
  AnonymizationOptions,
  LiveOptions,
  MetricsOptions,
  ReplayOptions,
  UploadOptions,
} from './run-options.js';

/** What the packets come from: an interface (-i) or a capture (-r). */
export type SourceKind = 'live' | 'replay';

/** Why an option cannot be given together with another. */
export interface Conflict {
  /** The other option, by its parsed name. Without `where` it conflicts as soon as it is given. */
  readonly with: string;
  /** Conflicts only with such values, a default included. */
  readonly where?: (value: never) => boolean;
  /** Does not conflict when this option is given, too. */
  readonly unless?: string;
  /** One line for whoever gave both. */
  readonly message: string;
}

export interface OptionRow {
  /** As in `-i, --interface <name>`; `[name]` may be left out. Without an argument it is a flag; `--no-...` clears one. */
  readonly flags: string;
  /** A phrase that stands alone: the manual shows it without its neighbours. */
  readonly help: string;
  /** Throws an Error that says what is wrong. Without it the value is the text itself. */
  readonly parse?: (text: string) => unknown;
  /** The only texts that are taken. */
  readonly choices?: readonly string[];
  /** What is parsed where the option is given and its argument, which may be, is left out. */
  readonly withoutArgument?: string;
  /** The value of an option that is not given. */
  readonly default?: string | number | bigint;
  /** The default for people, where it is not simply the value. */
  readonly defaultText?: string;
  /** May be given again: each time adds a value. */
  readonly isRepeatable?: true;
  /** Takes several values at once, with commas between them. */
  readonly isList?: true;
  /** A flag and its `--no-` are both options, and share a place: without either it has no value. */
  readonly isPaired?: true;
  /** Means nothing with the other source. */
  readonly only?: SourceKind;
  /** Commands that take the option, too, and its help there. */
  readonly commands?: Readonly<Record<string, string>>;
  /** What a shell completes the argument with, besides choices. */
  readonly completion?: 'file' | 'interface' | 'netns' | readonly string[];
  /** Where the value goes in what a run is to do. Two repeatable options may share a place. */
  readonly sets: PathOf<LiveOptions> | PathOf<ReplayOptions>;
  /** Of a setting: its argument in the line of settings in force; undefined leaves the option out. */
  readonly write?: (value: never, settings: Settings) => string | undefined;
  readonly conflicts?: readonly Conflict[];
}

/** Options of a command other than a run, and those that end the run before it begins. */
export type PlainRow = Pick<OptionRow, 'flags' | 'help' | 'defaultText' | 'completion'>;

type Nested =
  | InterfaceWords
  | Settings
  | Capacity
  | Filter
  | Selection
  | UdpPorts
  | UploadOptions
  | WantedOwners
  | MetricsOptions
  | AnonymizationOptions
  | Aggregation;

/** Paths such as `settings.rate` to all that has no parts. */
type PathOf<Whole> = {
  [Key in keyof Whole & string]: Whole[Key] extends Nested ? `${Key}.${PathOf<Whole[Key]>}` : Key;
}[keyof Whole & string];

/** `--rate` */
export function longOf({ flags }: PlainRow): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}

/** As they are written: -i, --interface. */
export function namesOf({ flags }: PlainRow): readonly string[] {
  return flags.replace(/ ?[<[].*/, '').split(', ');
}

/** With its brackets, as <duration>, or [address:port] where it may be left out; undefined where there is none. */
export function argumentOf({ flags }: PlainRow): string | undefined {
  return /[<[].*/.exec(flags)?.[0];
}

/** Whether it clears a flag that is set otherwise. */
export function isNegated(row: PlainRow): boolean {
  return longOf(row).startsWith('--no-');
}

/** What the parsed result calls it: `--exclude-host` is excludeHost, `--no-color` is color. */
export function nameOf(row: PlainRow): string {
  const words = longOf(row).replace(/^--(no-)?/, '');
  return words.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The value of an option that is not given. */
export function valueNotGiven(row: OptionRow): unknown {
  if (row.isRepeatable) return [];
  return argumentOf(row) === undefined ? isNegated(row) : row.default;
}

/** The default for people; undefined where there is none. */
export function defaultTextOf({ default: value, defaultText }: Partial<OptionRow>) {
  return defaultText ?? (value === undefined ? undefined : String(value));
}

const SOURCE_FLAGS = { live: '-i', replay: '-r' } as const;

/** What there is to know besides the help text, in words: repeatable, only with -r, default. */
export function termsOf(row: PlainRow & Partial<OptionRow>): readonly string[] {
  const value = defaultTextOf(row);
  const source = row.only && SOURCE_FLAGS[row.only];
  return [
    ...(source && !namesOf(row).includes(source) ? [`only with ${source}`] : []),
    ...(row.isRepeatable ? ['repeatable'] : []),
    ...(value === undefined ? [] : [`default: ${value}`]),
  ];
}

/** `minimum time between ... (default: 100ms)` */
export function withTerms(help: string, terms: readonly string[]): string {
  return terms.length === 0 ? help : `${help} (${terms.join('; ')})`;
}
