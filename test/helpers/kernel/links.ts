/** What pping sees of the interfaces of another network namespace. */
import type { Namespace } from '../../../lab/netns.js';
import type { Interface } from '../../../src/libbpf/interfaces.js';
import type { Link } from '../../../src/libbpf/links.js';
import { builtPath, script } from './script.js';

/** All that are there now. */
export async function linksIn(namespace: Namespace): Promise<Link[]> {
  const code = `
    import { listLinks } from ${builtPath('links.js')};
    process.stdout.write(JSON.stringify(listLinks()));
  `;
  return JSON.parse(await namespace.run(script(code))) as Link[];
}

/** The one that is meant by a name. */
export async function foundIn(namespace: Namespace, name: string): Promise<Interface> {
  const code = `
    import { findInterface } from ${builtPath('interfaces.js')};
    process.stdout.write(JSON.stringify(findInterface(${JSON.stringify(name)})));
  `;
  return JSON.parse(await namespace.run(script(code))) as Interface;
}

/** Many commands of ip(8) at once: one process. */
export async function batch(namespace: Namespace, commands: readonly string[]): Promise<void> {
  const [text, ip] = [commands.join('\n'), 'printf %s "$1" | ip -batch -'];
  await namespace.run(['sh', '-c', ip, 'sh', text]);
}
