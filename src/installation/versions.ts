/** Which pping this is. */
import { readFileSync } from 'node:fs';
import { installed, manifest } from './installed.js';

/** `make build` writes it; it is empty where that was not in a checkout of git's. */
const COMMIT = installed('dist/commit');

/** The version, and where it is known the commit that this was built from: 0.2.0 (5bd361c). */
export function ownVersion(path = manifest, commit = COMMIT): string {
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  const built = builtFrom(commit);
  return built === '' ? version : `${version} (${built})`;
}

function builtFrom(commit: string): string {
  try {
    return readFileSync(commit, 'utf8').trim();
  } catch {
    return ''; // built without make
  }
}
