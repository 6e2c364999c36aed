/** What is told of hosts, and of where lines are from. */
import { NO_AGGREGATION } from '../../sampling/aggregation.js';
import { parseBits } from '../arguments.js';
import { parseLabel } from '../labels.js';
import type { OptionRow } from '../row.js';

const { bitsV4, bitsV6 } = NO_AGGREGATION;

/** Whole addresses would be told. */
const MOST_BITS_V4 = 31;
const MOST_BITS_V6 = 127;

const of = (how: 'prefix' | 'hash') => (given: string | undefined) => given !== how;

export const PRIVACY = [
  {
    flags: '--anonymize <how>',
    help: 'tell no address of a host as it is, in any output. prefix: its network; hash: a pseudonym (Crypto-PAn), the same for the same host, and with the same beginning for hosts of the same network',
    choices: ['prefix', 'hash'],
    sets: 'anonymization.how',
    conflicts: [
      {
        with: 'resolve',
        message: '--resolve shows names of hosts, and --anonymize hides hosts',
      },
    ],
  },
  {
    flags: '--anonymize-v4 <bits>',
    help: 'with --anonymize prefix, length of these networks in IPv4',
    parse: (text: string) => parseBits(text, MOST_BITS_V4),
    default: bitsV4,
    sets: 'anonymization.bitsV4',
    conflicts: [
      {
        with: 'anonymize',
        where: of('prefix'),
        message: '--anonymize-v4 means nothing without --anonymize prefix',
      },
      {
        with: 'anonymizeV4',
        unless: 'anonymize',
        message: '--anonymize-v4 means nothing without --anonymize prefix',
      },
    ],
  },
  {
    flags: '--anonymize-v6 <bits>',
    help: 'with --anonymize prefix, length of these networks in IPv6',
    parse: (text: string) => parseBits(text, MOST_BITS_V6),
    default: bitsV6,
    sets: 'anonymization.bitsV6',
    conflicts: [
      {
        with: 'anonymize',
        where: of('prefix'),
        message: '--anonymize-v6 means nothing without --anonymize prefix',
      },
      {
        with: 'anonymizeV6',
        unless: 'anonymize',
        message: '--anonymize-v6 means nothing without --anonymize prefix',
      },
    ],
  },
  {
    flags: '--anonymize-key <file>',
    help: 'with --anonymize hash, the key, 32 bytes or 64 hexadecimal digits: runs and machines with the same key have the same pseudonyms; refused if others can read the file',
    defaultText: 'a random key for this run alone',
    completion: 'file',
    sets: 'anonymization.key',
    conflicts: [
      {
        with: 'anonymize',
        where: of('hash'),
        message: '--anonymize-key means nothing without --anonymize hash',
      },
      {
        with: 'anonymizeKey',
        unless: 'anonymize',
        message: '--anonymize-key means nothing without --anonymize hash',
      },
    ],
  },
  {
    flags: '--label <name=value>',
    help: 'add this field to every object of NDJSON, as a column to CSV, and as a label to metrics, such as host=web1',
    parse: parseLabel,
    isRepeatable: true,
    sets: 'labels',
  },
] as const satisfies readonly OptionRow[];
