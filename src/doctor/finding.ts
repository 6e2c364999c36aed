/** What is known of one thing that pping -i needs. */

/** Only what is missing keeps it from running. */
export type FindingStatus = 'ok' | 'warning' | 'missing';

export interface Finding {
  readonly what: string;
  readonly status: FindingStatus;
  readonly found: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** What would be read there is unknown, which is no verdict. */
export const NO_PROC = {
  found: 'unknown: /proc cannot be read',
  fix: 'mount -t proc proc /proc',
} as const;
export const NO_SYS = {
  found: 'unknown: /sys cannot be read',
  fix: 'mount -t sysfs sysfs /sys',
} as const;

export function wouldRun(findings: readonly Finding[]): boolean {
  return missing(findings).length === 0;
}

export function missing(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ status }) => status === 'missing');
}
