/** What the command line asks for: of a run, or of another command. Knows nothing of how it is done. */
import type { WantedOwners } from '../attribution/wanted-owners.js';
import type { FormatName } from '../format/formats.js';
import type { Aggregation } from '../sampling/aggregation.js';
import type { Filter } from '../sampling/filter.js';
import type { InterfaceWords } from '../sampling/interface-words.js';
import type { Capacity, Settings } from '../sampling/policy.js';
import type { Prefix } from '../sampling/prefix.js';
import type { Measured } from '../sampling/protocols.js';
import type { Condition } from '../summary/condition.js';
import type { Label } from '../text/label.js';
import type { ListenAddress } from './listen-address.js';
import type { Shell } from './shells.js';

/** Options of a run, live or replayed. */
export interface RunOptions {
  readonly settings: Settings;
  readonly capacity: Capacity;
  readonly filter: Filter;
  /** As its protocols have it. */
  readonly measured: Measured;
  /** Whether what is in tunnels is measured. */
  readonly tunnels: boolean;
  /** Nanoseconds of which there is a line each, instead of one per event; undefined: none. */
  readonly interval: bigint | undefined;
  /** What has a line of its own in each interval, besides all together. */
  readonly by: 'peer' | 'interface' | undefined;
  /** What is counted of RTTs in the core, instead of reported one by one. */
  readonly aggregation: Aggregation;
  /** Nanoseconds between two reports of the counters; undefined: only at the end. */
  readonly statsInterval: bigint | undefined;
  /** Nanoseconds between two sweeps. */
  readonly cleanupInterval: bigint;
  /** Undefined where nothing is printed: --live. */
  readonly format: FormatName | undefined;
  /** A file, or a URL that lines are sent to; undefined is standard output. */
  readonly output: string | undefined;
  readonly upload: UploadOptions;
  readonly anonymization: AnonymizationOptions;
  /** Fields that are the same in all output. */
  readonly labels: readonly Label[];
  readonly color: boolean;
  /** Whether names of hosts are looked up and shown. */
  readonly resolve: boolean;
  /** Whether times of day come with their date. */
  readonly date: boolean;
  /** Whether only the final summary is printed. */
  readonly quiet: boolean;
  /** Whether the summary says what became of every packet. */
  readonly verbose: boolean;
  /** Number of RTTs after which the run ends. */
  readonly count: number | undefined;
  /** Nanoseconds after which the run ends. */
  readonly duration: bigint | undefined;
  /** The run ends when one of these conditions comes true. */
  readonly until: readonly Condition[];
}

/** What stands for addresses of hosts in all outputs. */
export interface AnonymizationOptions {
  /** Their networks, or pseudonyms; undefined: addresses are shown in the clear. */
  readonly how: 'prefix' | 'hash' | undefined;
  /** Length of these networks: of IPv4 at most 31 ... */
  readonly bitsV4: number;
  /** ... of IPv6 at most 127. */
  readonly bitsV6: number;
  /** File with the key of pseudonyms; undefined: a random one. */
  readonly key: string | undefined;
}

/** How lines are sent to a URL. */
export interface UploadOptions {
  /** File with headers of the requests; undefined: none. */
  readonly headers: string | undefined;
  /** File with certificates of authorities; undefined: those of the system. */
  readonly authorities: string | undefined;
  /** Directory for what cannot be sent now; undefined: none. */
  readonly spool: string | undefined;
  /** Bytes that it may take. */
  readonly spoolSize: number;
}

export interface LiveOptions extends RunOptions {
  readonly interfaces: InterfaceWords;
  /** Network namespaces that they are in: a name, the id of a process, or a path each, or `all`; none is our own. */
  readonly netns: readonly string[];
  /** Undefined: TCX where the kernel has it, else clsact. */
  readonly attach: 'tcx' | 'clsact' | undefined;
  /** User to switch to once everything is open; undefined: none. */
  readonly user: string | undefined;
  /** Whether pping measures and reports its own cost. */
  readonly selfCost: boolean;
  readonly metrics: MetricsOptions;
  /** Whether the full-screen view is shown. */
  readonly live: boolean;
  /** Whether the owner of each connection is looked up and shown. */
  readonly who: boolean;
  /** Whether names of containers and pods are looked for. */
  readonly containerNames: boolean;
  /** Owners whose connections are measured; none: all. */
  readonly wantedOwners: WantedOwners;
  /** Whether addresses from before NAT on this machine are looked up and shown. */
  readonly nat: boolean;
}

/** What Prometheus gets. */
export interface MetricsOptions {
  /** Where it asks for them; undefined: there are none. */
  readonly address: ListenAddress | undefined;
  /** What RTTs are split by, besides the side of the interface and what has answered. */
  readonly by: 'prefix' | 'owner' | 'interface' | 'none';
  /** Label sets that a metric has at most, but for those of all others together. */
  readonly series: number;
}

/** All durations are the capture's time. */
export interface ReplayOptions extends RunOptions {
  /** Files, at least one; `-` is standard input, at most once. */
  readonly captures: readonly string[];
  /** Addresses and networks on the capturing side; none: both sides are treated alike. */
  readonly local: readonly Prefix[];
  /** Packets that are late by up to this many nanoseconds are sorted. */
  readonly reorder: bigint;
}

export interface ReportOptions {
  /** Files; `-` is standard input. */
  readonly runs: readonly string[];
  readonly page: string | undefined;
  /** The interface that the page is of; undefined: all that there are. */
  readonly seenAt: string | undefined;
}

export interface DoctorOptions {
  readonly doctor: true;
  /** Capacity of the run that is checked. */
  readonly capacity: Capacity;
}

export interface CompletionOptions {
  readonly shell: Shell;
}

/** Print the version, and what pping runs with. */
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
