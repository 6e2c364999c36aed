/** What may befall the output of a run, wherever it goes to. */
import { count } from '../text/units.js';

export interface OutputEvents {
  onBrokenPipe(): void;
  onError?(message: string): void;
  /** Where people are told; standard error. */
  readonly say?: ((text: string) => void) | undefined;
  /** Whether who writes waits for room. */
  readonly isPatient?: boolean;
}

export function recoveryText(dropped: number): string {
  const missing = dropped === 0 ? 'nothing was lost' : `${count(dropped, 'line')} lost so far`;
  return `output works again: ${missing}`;
}
