/** Whether libbpf can be called. What calls it is optional, so it is loaded only here and now. */
import { messageOf } from '../faults.js';
import { explainNotLoaded } from '../installation/native-code.js';
import type { Finding } from './finding.js';

const FFI = 'node-ffi-napi';
export const LIBBPF = 'libbpf';
const INSTALL_LIBBPF = 'apt-get install libbpf1 (1.0 or newer)';

/** As src/libbpf/ffi.ts has it. */
export interface Calls {
  libbpf(): { libbpf_version_string(): string };
}

/** @param load gives what calls libbpf; another one in tests */
export async function libraries(
  load: () => Promise<Calls> = () => import('../libbpf/ffi.js'),
): Promise<Finding[]> {
  try {
    const { libbpf } = await load();
    return [{ what: FFI, status: 'ok', found: 'installed' }, libbpfVersion(libbpf)];
  } catch (error) {
    return [{ what: FFI, status: 'missing', ...explainNotLoaded(error) }];
  }
}

function libbpfVersion(libbpf: Calls['libbpf']): Finding {
  try {
    const version = libbpf().libbpf_version_string().replace(/^v/, '');
    const status = Number.parseInt(version, 10) >= 1 ? 'ok' : 'missing';
    const fix = status === 'missing' ? { fix: INSTALL_LIBBPF } : {};
    return { what: LIBBPF, status, found: version, ...fix };
  } catch (error) {
    return { what: LIBBPF, status: 'missing', found: reason(error), fix: INSTALL_LIBBPF };
  }
}

/** The loader's words, out of the Fault that has advice of its own. */
function reason(error: unknown): string {
  const message = messageOf(error);
  return firstLine(/cannot be opened \((.*)\);/s.exec(message)?.[1] ?? message);
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
