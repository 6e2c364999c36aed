/** Why the native code that calls libbpf does not load, and what to do: npm leaves it out without a word. */
import { messageOf } from '../faults.js';

/** Those whose install scripts make it. */
const WITH_SCRIPTS = '@2060.io/ffi-napi,@2060.io/ref-napi';
const COMPILE =
  'apt-get install g++ make python3, then install pping again, with CXXFLAGS=-std=gnu++17 in the environment';
const ALLOW = `install pping again, with npm's option --allow-scripts=${WITH_SCRIPTS}`;

export interface Explanation {
  readonly found: string;
  readonly fix: string;
}

/** @param error of its import */
export function explainNotLoaded(error: unknown): Explanation {
  if (isNotInstalled(error)) {
    return { found: 'not installed: npm could not compile it', fix: COMPILE };
  }
  if (isNotBuilt(error)) {
    return {
      found: 'not built: npm 12 and newer run only install scripts that are allowed',
      fix: ALLOW,
    };
  }
  return { found: messageOf(error).split('\n')[0] ?? '', fix: COMPILE };
}

/** Whether that is why an import has failed. */
export function isNotLoaded(error: unknown): boolean {
  return isNotInstalled(error) || isNotBuilt(error);
}

function isNotInstalled(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}

/** The words of node-gyp-build. */
function isNotBuilt(error: unknown): boolean {
  return messageOf(error).startsWith('No native build was found');
}
