/** Which pping this is. */
import { readFileSync } from 'node:fs';

/** Two folders above dist/src/. */
export const MANIFEST = new URL('../../package.json', import.meta.url);
/** `make build` writes it; it is empty where that was not in a checkout of git's. */
const COMMIT = new URL('./commit', import.meta.url);

/** The version, and where it is known the commit that this was built from: 0.2.0 (5bd361c). */
export function ownVersion(manifest = MANIFEST, commit = COMMIT): string {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const built = builtFrom(commit);
  return built === '' ? version : `${version} (${built})`;
}

function builtFrom(commit: URL): string {
  try {
    return readFileSync(commit, 'utf8').trim();
  } catch {
    return ''; // built without make
  }
}
