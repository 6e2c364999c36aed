/** What to watch. */

import { DEFAULT_REORDER } from '../../replay/reader.js';
import type { AggregatedBy } from '../../sampling/aggregation.js';
import { ADDRESS_BITS, type Prefix } from '../../sampling/prefix.js';
import { durationText } from '../../text/units.js';
import { parseName } from '../arguments.js';
import { parseDuration } from '../duration.js';
import { parsePrefix } from '../prefix.js';
import type { OptionRow } from '../row.js';

export const SOURCE = [
  {
    flags: '-i, --interface <name>',
    help: "watch this network interface, all that match a pattern ('veth*'), or any: all that are up, except lo",
    parse: parseName,
    isRepeatable: true,
    completion: 'interface',
    only: 'live',
    sets: 'interfaces.included',
    conflicts: [{ with: 'read', message: '-i and -r do not go together' }],
  },
  {
    flags: '--exclude-interface <name>',
    help: 'leave out this network interface, or all that match a pattern',
    parse: parseName,
    isRepeatable: true,
    completion: 'interface',
    only: 'live',
    sets: 'interfaces.excluded',
  },
  {
    flags: '--netns <name>',
    help: 'watch interfaces of this network namespace, or of each of several: a name, as ip netns lists it, the id of a process in it, a path, or all',
    parse: parseName,
    isRepeatable: true,
    completion: 'netns',
    only: 'live',
    sets: 'netns',
  },
  {
    flags: '-r, --read <file>',
    help: 'replay a pcap or pcapng capture, also a compressed one; - is standard input; several are merged by time',
    parse: parseFile,
    isRepeatable: true,
    completion: 'file',
    only: 'replay',
    sets: 'captures',
    conflicts: [
      {
        with: 'aggregateBy',
        where: (by: AggregatedBy) => by === 'owner',
        message:
          '--aggregate-by owner means nothing with -r: a capture does not say whose connections are',
      },
    ],
  },
  {
    flags: '--local <prefix>',
    help: 'an address of the capturing machine, or a network behind it',
    parse: parsePrefix,
    defaultText: 'what is plain from the connections',
    isRepeatable: true,
    only: 'replay',
    sets: 'local',
  },
  {
    flags: '--reorder <duration>',
    help: 'sort packets that are late in the capture by up to this; 0 keeps the order of the capture',
    parse: parseDuration,
    default: DEFAULT_REORDER,
    defaultText: durationText(DEFAULT_REORDER),
    only: 'replay',
    sets: 'reorder',
  },
  {
    flags: '-l, --include-local',
    help: 'also measure how long this machine takes to answer: its network stack and its applications',
    sets: 'settings.includeLocal',
    write: asFlag,
    conflicts: [
      {
        with: 'local',
        // Networks do not say which machine captured.
        where: (local: readonly Prefix[]) =>
          local.length > 0 && !local.some(({ bits }) => bits === ADDRESS_BITS),
        message: 'with -r, --include-local needs a --local <address> among the networks',
      },
    ],
  },
  {
    flags: '--tunnels',
    help: 'look for connections in tunnels: IP in IP, GRE, ERSPAN, VXLAN, Geneve, GTP-U',
    defaultText: 'with -r',
    isPaired: true,
    sets: 'tunnels',
  },
  {
    flags: '--no-tunnels',
    help: 'leave alone what is in tunnels',
    defaultText: 'with -i',
    isPaired: true,
    sets: 'tunnels',
  },
  {
    flags: '--attach <how>',
    help: 'attach with tcx, with clsact (for kernels before 6.6), or auto: with tcx where the kernel has it',
    choices: ['auto', 'tcx', 'clsact'],
    default: 'auto',
    only: 'live',
    sets: 'attach',
  },
  {
    flags: '--user <name>',
    help: 'if started as root, switch to this user once everything is open, with only the capabilities that a run needs',
    parse: parseName,
    only: 'live',
    sets: 'user',
  },
] as const satisfies readonly OptionRow[];

function parseFile(text: string): string {
  return text;
}

function asFlag(isSet: boolean): string | undefined {
  return isSet ? '' : undefined;
}
