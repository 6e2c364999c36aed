/** What stands for addresses in all that a run tells. */
import { closeSync } from 'node:fs';
import type { Anonymizer } from '../events/anonymizer.js';
import { UsageError } from '../faults.js';
import { contentOf, openSecret } from '../named-files.js';
import type { RunOptions } from '../options/options.js';

type Options = Pick<RunOptions, 'anonymization' | 'aggregation'>;

/**
 * Before rights are given up. Throws a UsageError where it cannot be opened, or others can read it.
 * @returns a descriptor; undefined where no file is named
 */
export function openedKey({ anonymization: { key } }: Options): number | undefined {
  return key === undefined ? undefined : openSecret(key);
}

/**
 * Loaded only where it is wanted. Throws a UsageError where the file is no key.
 * @param opened by openedKey(); closed here
 * @returns undefined where addresses are told as they are
 */
export async function anonymizerFor(
  { anonymization, aggregation }: Options,
  opened: number | undefined,
): Promise<Anonymizer | undefined> {
  const { how, key: path = '' } = anonymization;
  if (how === undefined) return undefined;
  const { Cutter, Pseudonyms } = await import('../anonymization/anonymizers.js');
  if (how === 'prefix') return new Cutter(anonymization);
  const { keyIn, randomKey } = await import('../anonymization/key.js');
  if (opened === undefined) return new Pseudonyms(randomKey(), aggregation);
  const key = keyIn(contentOf(opened, path));
  closeSync(opened);
  if (key) return new Pseudonyms(key, aggregation);
  throw new UsageError(`${path}: not a key: 32 bytes or 64 hexadecimal digits needed`);
}

/** What is said of it when a run begins; undefined where there is nothing to say. */
export function anonymizationText({ anonymization: { how, key } }: Options): string | undefined {
  if (how !== 'hash' || key !== undefined) return undefined;
  return 'pseudonyms use a random key and differ in every run; to keep them: --anonymize-key <file>';
}
