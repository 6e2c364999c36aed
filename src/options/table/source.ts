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
    help: "watch this interface, every interface that matches a pattern ('veth*'), or any: every interface that is up, except lo",
    parse: parseName,
    isRepeatable: true,
    completion: 'interface',
    only: 'live',
    sets: 'interfaces.included',
    conflicts: [{ with: 'read', message: '-i cannot be used with -r' }],
  },
  {
    flags: '--exclude-interface <name>',
    help: 'exclude this interface, or every interface that matches a pattern',
    parse: parseName,
    isRepeatable: true,
    completion: 'interface',
    only: 'live',
    sets: 'interfaces.excluded',
  },
  {
    flags: '--netns <name>',
    help: 'watch interfaces in this network namespace: a name from ip netns, the id of a process in it, a path, or all for every namespace',
    parse: parseName,
    isRepeatable: true,
    completion: 'netns',
    only: 'live',
    sets: 'netns',
  },
  {
    flags: '-r, --read <file>',
    help: 'replay a pcap or pcapng capture, compressed or not; - is standard input; several are merged by time',
    parse: parseName,
    isRepeatable: true,
    completion: 'file',
    only: 'replay',
    sets: 'captures',
    conflicts: [
      {
        with: 'aggregateBy',
        where: (by: AggregatedBy) => by === 'owner',
        message: '--aggregate-by owner cannot be used with -r: a capture has no owners',
      },
    ],
  },
  {
    flags: '--local <prefix>',
    help: 'address of the capturing host, or a network on its side',
    parse: parsePrefix,
    defaultText: 'inferred from the connections',
    isRepeatable: true,
    only: 'replay',
    sets: 'local',
  },
  {
    flags: '--reorder <duration>',
    help: 'put packets that are out of order in the capture by up to this much back in order; 0 = leave as is',
    parse: parseDuration,
    default: DEFAULT_REORDER,
    defaultText: durationText(DEFAULT_REORDER),
    only: 'replay',
    sets: 'reorder',
  },
  {
    flags: '-l, --include-local',
    help: 'also measure how long this host takes to answer: its network stack and applications',
    sets: 'settings.includeLocal',
    write: asFlag,
    conflicts: [
      {
        with: 'local',
        // Networks do not say which machine captured.
        where: (local: readonly Prefix[]) =>
          local.length > 0 && !local.some(({ bits }) => bits === ADDRESS_BITS),
        message:
          '--include-local needs a --local <address>: networks do not show which host captured',
      },
    ],
  },
  {
    flags: '--tunnels',
    help: 'measure connections inside tunnels: IP in IP, GRE, ERSPAN, VXLAN, Geneve, GTP-U',
    defaultText: 'with -r',
    isPaired: true,
    sets: 'tunnels',
  },
  {
    flags: '--no-tunnels',
    help: 'do not look inside tunnels',
    defaultText: 'with -i',
    isPaired: true,
    sets: 'tunnels',
  },
  {
    flags: '--attach <auto|tcx|clsact>',
    help: 'how to attach; auto: tcx where the kernel has it (6.6 and newer), otherwise clsact',
    choices: ['auto', 'tcx', 'clsact'],
    default: 'auto',
    only: 'live',
    sets: 'attach',
  },
  {
    flags: '--user <name>',
    help: 'if started as root, switch to this user once everything is open, keeping only the capabilities that the run needs',
    parse: parseName,
    only: 'live',
    sets: 'user',
  },
] as const satisfies readonly OptionRow[];

function asFlag(isSet: boolean): string | undefined {
  return isSet ? '' : undefined;
}
