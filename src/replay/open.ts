import { Capture } from './capture.js';
import type { CaptureFeed } from './feed.js';
import type { CaptureMemory } from './memory.js';
import { MergedCaptures } from './merged.js';

/**
 * Opens one capture, or several as one. Throws a UsageError or Fault where there is nothing to read.
 * @param reorder by how much packets may be out of order and still be put right, in nanoseconds
 */
export function openFeed(
  paths: readonly string[],
  core: CaptureMemory,
  reorder: bigint,
): Promise<CaptureFeed> {
  const [first = '-', ...others] = paths;
  if (others.length === 0) return Capture.open(first, core, reorder);
  return MergedCaptures.open(paths, core, reorder);
}
