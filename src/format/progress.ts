/** How far a replay has come, for people. */
import { byteCount } from '../text/units.js';

export interface ReplayProgress {
  /** Bytes of the capture read so far, and all there are; undefined where that is not known. */
  readonly position: number;
  readonly size: number | undefined;
  readonly packets: number;
  readonly elapsedMs: number;
}

/** `45 % of 1.2 GB, 4.8 M packets/s, about 3 s left` */
export function progressText({ position, size, packets, elapsedMs }: ReplayProgress): string {
  const speed = `${(packets / elapsedMs / 1000).toFixed(1)} M packets/s`;
  if (size === undefined || position === 0) return `${byteCount(position)}, ${speed}`;
  const share = Math.min(1, position / size);
  const left = Math.ceil((elapsedMs * (1 / share - 1)) / 1000);
  return `${Math.floor(100 * share)} % of ${byteCount(size)}, ${speed}, about ${timeText(left)} left`;
}

function timeText(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
