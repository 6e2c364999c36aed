/** --label: fields that are the same in all output of a run. */
import { UsageError } from '../faults.js';
import { type FormatName, hasLabels } from '../format/formats.js';
import { isOwnName } from '../format/own-names.js';
import type { Label } from '../text/label.js';

/** `host=web1`. A name that is a column of a database, and a label of Prometheus, without quotes. */
export function parseLabel(text: string): Label {
  const at = text.indexOf('=');
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 0) throw new Error('not a label; write for example host=web1');
  if (!/^[a-z_][a-z0-9_]*$/.test(name) || name.startsWith('__')) {
    throw new Error(
      'the name may only have a to z, digits and _, and must not begin with a digit or __',
    );
  }
  if (isOwnName(name)) throw new Error(`${name} is the name of one of pping's own fields`);
  if (value === '') throw new Error('the value must not be empty');
  return { name, value };
}

/** Throws a UsageError where a name comes twice, or no output of the run has a place for labels. */
export function refuseLabels(
  labels: readonly Label[],
  format: FormatName | undefined,
  hasMetrics: boolean,
): void {
  const names = labels.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new UsageError(`--label ${twice} was given twice`);
  if (labels.length === 0 || hasMetrics || hasLabels(format)) return;
  throw new UsageError('--label needs --format ndjson or csv, or --metrics');
}
