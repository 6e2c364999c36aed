/** --label: fields that are the same in all that a run tells. */
import { UsageError } from '../faults.js';
import { type FormatName, hasLabels } from '../format/formats.js';
import { isOwnName } from '../format/own-names.js';
import type { Label } from '../text/label.js';

/** `host=web1`. A name that is a column of a database, and a label of Prometheus, without quotes. */
export function parseLabel(text: string): Label {
  const at = text.indexOf('=');
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 0) throw new Error(`${JSON.stringify(text)} is no label: write for example host=web1`);
  if (!/^[a-z_][a-z0-9_]*$/.test(name) || name.startsWith('__')) {
    throw new Error(`a name has letters a to z, digits and _, and begins with no digit or __`);
  }
  if (isOwnName(name)) throw new Error(`pping has a field ${name} of its own`);
  if (value === '') throw new Error(`${name} has no value`);
  return { name, value };
}

/** Throws a UsageError where a name comes twice, or nothing that is told has a place for labels. */
export function refuseLabels(
  labels: readonly Label[],
  format: FormatName | undefined,
  hasMetrics: boolean,
): void {
  const names = labels.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new UsageError(`--label ${twice} was given twice`);
  if (labels.length === 0 || hasMetrics || hasLabels(format)) return;
  throw new UsageError('--label means nothing here: it is for ndjson, csv and --metrics');
}
