/** What people are told of an output that is sent to a URL. */
import { fileFault } from '../error-names.js';
import { messageOf } from '../faults.js';
import { asciiText } from '../text/ascii.js';
import { count } from '../text/units.js';
import type { UploadEvents } from '../upload/http-sink.js';
import type { Failure } from '../upload/outcome.js';
import { recoveryText } from './output-events.js';

export interface UploadWordsParts {
  readonly faultOf: (failure: Failure) => string;
  /** Of the spool; undefined where there is none. */
  readonly folder: string | undefined;
  readonly say: (text: string) => void;
  /** Who ends the run for a failure; undefined where none does. */
  readonly onError: ((message: string) => void) | undefined;
  /** How many lines have been dropped until now. */
  readonly dropped: () => number;
}

/** Attempts that fail are told once for each reason, until one succeeds; batches that are dropped once for each status. */
export function uploadWords({
  faultOf,
  folder,
  say,
  onError = say,
  dropped,
}: UploadWordsParts): UploadEvents {
  const name = asciiText(folder ?? '');
  const told = new Set<string>();
  const rejected = new Set<number>();
  const sayOnce = (text: string, reason = text) => {
    if (!told.has(reason)) say(text);
    told.add(reason);
  };
  return {
    // Each answer may have a number of its own in its text.
    onRetry: (retry) =>
      sayOnce(
        `${faultOf(retry)}; retrying`,
        typeof retry.reason === 'number' ? `${retry.reason}` : undefined,
      ),
    onRecovery: () => {
      told.clear();
      say(recoveryText(dropped()));
    },
    onRejected: (rejection, lines) => {
      if (rejected.has(rejection.status)) return;
      rejected.add(rejection.status);
      onError(`${faultOf(rejection)}; ${count(lines, 'line')} dropped`);
    },
    onStuck: (retry) => onError(faultOf(retry)),
    onSpoolFault: (error) => sayOnce(spoolFault(folder, error)),
    onKept: (lines) =>
      say(`${count(lines, 'line')} kept in ${name}: the next run with this spool sends them`),
  };
}

/** `/spool: disk full`: of any of its files. */
export function spoolFault(folder = '', error: Error): string {
  return `${asciiText(folder)}: ${asciiText(fileFault(error, undefined) ?? messageOf(error))}`;
}
