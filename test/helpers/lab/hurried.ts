/** Processes that live for a moment, each with one connection (hurried.c). */
import { execFile } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Namespace } from '../../../lab/netns.js';
import { compileHelper } from '../runner/compile.js';

/** One of them, which is gone. */
export interface Hurried {
  readonly port: number;
  readonly pid: number;
  readonly comm: string;
  readonly lifetimeUs: number;
}

/** What runs the given argv somewhere: a namespace, a cgroup. */
type Place = Pick<Namespace, 'command'>;

export class HurriedProgram {
  readonly #program: string;

  /** @param program where it is put */
  constructor(program: string) {
    compileHelper('lab/hurried.c', program);
    this.#program = program;
  }

  /** @returns the port; the server ends with the namespace */
  async serve(
    ns: Namespace,
    place: Place,
    address: string,
  ): Promise<{ port: number; pid: number }> {
    const child = ns.spawn(place.command([this.#program, 'serve', address]), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!child.stdout || !child.pid) throw new Error('no server');
    for await (const line of createInterface({ input: child.stdout })) {
      return { port: Number(line), pid: child.pid };
    }
    throw new Error('the server has ended');
  }

  /** `count` processes, one after the other, called `name`-0 and so on. */
  async connect(
    places: readonly Place[],
    { address, port, count, name }: { address: string; port: number; count: number; name: string },
  ): Promise<Hurried[]> {
    const argv = [this.#program, 'connect', address, String(port), String(count), name];
    const [file = '', ...args] = places.reduceRight((inner, place) => place.command(inner), argv);
    const { stdout } = await promisify(execFile)(file, args, { maxBuffer: 1 << 24 });
    return stdout
      .trimEnd()
      .split('\n')
      .map((line, number) => {
        const [own = 0, pid = 0, lifetimeUs = 0] = line.split(' ').map(Number);
        return { port: own, pid, comm: `${name}-${number}`, lifetimeUs };
      });
  }
}
