/** What is otherwise in a namespace for a while, and what its kernel has counted. */
import type { Namespace } from '../../../lab/netns.js';

/** What is so for a while: how it begins, and how it ends. */
export interface Setting {
  readonly namespace: Namespace;
  readonly begin: readonly string[];
  readonly end: readonly string[];
}

export async function having<T>(settings: readonly Setting[], act: () => Promise<T>): Promise<T> {
  try {
    for (const { namespace, begin } of settings) await namespace.run(begin);
    return await act();
  } finally {
    for (const { namespace, end } of settings) await namespace.run(end);
  }
}

export function settingOf(
  namespace: Namespace,
  name: string,
  [during, after]: [number, number],
): Setting {
  const argv = (value: number) => ['sysctl', '-qw', `net.ipv4.${name}=${value}`];
  return { namespace, begin: argv(during), end: argv(after) };
}

/** Every fourth one, from the first on. */
export function losingSyns(namespace: Namespace, hook: 'forward' | 'input'): Setting {
  const rules = `
    table inet losses {
      chain losses {
        type filter hook ${hook} priority 0
        tcp flags & (syn | ack) == syn numgen inc mod 4 0 drop
      }
    }
  `;
  return { namespace, begin: ['nft', rules], end: ['nft', 'delete table inet losses'] };
}

/** Of the kernel. */
export async function counterIn(namespace: Namespace, name: string): Promise<number> {
  const line = (await namespace.run(['nstat', '-asz', name]))
    .split('\n')
    .find((each) => each.startsWith(name));
  return Number(line?.split(/ +/)[1]);
}
