/** What the command line asks for: of a run, or of another command. Knows nothing of how it is done. */
import type { WantedOwners } from '../attribution/wanted-owners.js';
import type { FormatName } from '../format/formats.js';
import type { Prefix } from '../prefix.js';
import type { Filter } from '../sampling/filter.js';
import type { Capacity, Settings } from '../sampling/policy.js';
import type { Condition } from '../summary/condition.js';
import type { Shell } from './shells.js';

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
