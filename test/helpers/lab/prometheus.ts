/** Prometheus and its promtool, as Debian has them. */
import { spawnSync } from 'node:child_process';

/** Throws where it is not installed. */
export function requirePrometheus(): void {
  const { error } = spawnSync('promtool', ['--version']);
  if (error) throw new Error('promtool is missing: install prometheus', { cause: error });
}
