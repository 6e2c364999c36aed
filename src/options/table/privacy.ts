/** What is shown of hosts, and of where lines are from. */
import { NO_AGGREGATION } from '../../sampling/aggregation.js';
import { parseBits } from '../arguments.js';
import { parseLabel } from '../labels.js';
import type { OptionRow } from '../row.js';

const { bitsV4, bitsV6 } = NO_AGGREGATION;

/** More would be whole addresses. */
const MOST_BITS_V4 = 31;
const MOST_BITS_V6 = 127;

const of = (how: 'prefix' | 'hash') => (given: string | undefined) => given !== how;

export const PRIVACY = [
  {
    flags: '--anonymize <prefix|hash>',
    help: 'never output a host address in the clear; prefix: only its network; hash: a Crypto-PAn pseudonym, stable per host and prefix-preserving',
    choices: ['prefix', 'hash'],
    sets: 'anonymization.how',
    conflicts: [
      {
        with: 'resolve',
        message: '--anonymize cannot be used with --resolve, which shows host names',
      },
    ],
  },
  {
    flags: '--anonymize-v4 <bits>',
    help: 'with --anonymize prefix, prefix length of IPv4 networks',
    parse: (text: string) => parseBits(text, MOST_BITS_V4),
    default: bitsV4,
    sets: 'anonymization.bitsV4',
    conflicts: [
      {
        with: 'anonymize',
        where: of('prefix'),
        message: '--anonymize-v4 needs --anonymize prefix',
      },
      {
        with: 'anonymizeV4',
        unless: 'anonymize',
        message: '--anonymize-v4 needs --anonymize prefix',
      },
    ],
  },
  {
    flags: '--anonymize-v6 <bits>',
    help: 'with --anonymize prefix, prefix length of IPv6 networks',
    parse: (text: string) => parseBits(text, MOST_BITS_V6),
    default: bitsV6,
    sets: 'anonymization.bitsV6',
    conflicts: [
      {
        with: 'anonymize',
        where: of('prefix'),
        message: '--anonymize-v6 needs --anonymize prefix',
      },
      {
        with: 'anonymizeV6',
        unless: 'anonymize',
        message: '--anonymize-v6 needs --anonymize prefix',
      },
    ],
  },
  {
    flags: '--anonymize-key <file>',
    help: 'with --anonymize hash, file with the key, 32 bytes or 64 hexadecimal digits; runs and hosts with the same key have the same pseudonyms; refused if other users can read the file',
    defaultText: 'a random key for this run only',
    completion: 'file',
    sets: 'anonymization.key',
    conflicts: [
      {
        with: 'anonymize',
        where: of('hash'),
        message: '--anonymize-key needs --anonymize hash',
      },
      {
        with: 'anonymizeKey',
        unless: 'anonymize',
        message: '--anonymize-key needs --anonymize hash',
      },
    ],
  },
  {
    flags: '--label <name=value>',
    help: 'add this field to every NDJSON object, as a column to CSV, and as a label to metrics, such as host=web1',
    parse: parseLabel,
    isRepeatable: true,
    sets: 'labels',
  },
] as const satisfies readonly OptionRow[];
