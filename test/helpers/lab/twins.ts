/** Pairs of processes that connect at the same moment, from the same ends in two network namespaces (twins.c). */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { addresses } from '../../../lab/behind-bridge/places.js';
import { ending } from '../../../lab/child.js';
import { compileHelper } from '../runner/compile.js';
import { keyOf } from './attributed.js';
import type { End } from './callers.js';
import type { Home } from './tellers.js';

const run = promisify(execFile);

export class TwinsProgram {
  readonly #program: string;

  /** @param program where it is put */
  constructor(program: string) {
    compileHelper('lab/twins.c', program);
    this.#program = program;
  }

  /** @param meeting a file that both share, which is not there yet */
  async connect(
    homes: readonly [Home, Home],
    to: End,
    ports: { readonly first: number; readonly count: number },
    meeting: string,
  ): Promise<void> {
    const children = homes.map(({ namespace, cgroup }, self) => {
      const args = [meeting, self, to.address, to.port, ports.first, ports.count].map(String);
      return namespace.spawn(cgroup.command([this.#program, ...args]), { stdio: 'inherit' });
    });
    for (const { code } of await Promise.all(children.map(ending))) {
      if (code !== 0) throw new Error(`twins: ${code}`);
    }
  }
}

/** What the first and the second container have opened from the same port. */
export interface TwinsPair {
  readonly keys: readonly string[];
  /** Their sequence numbers. */
  readonly seqs: readonly (number | undefined)[];
}

/** @param capture of their SYNs */
export async function pairsOf(
  capture: string,
  to: End,
  { first, count }: { first: number; count: number },
): Promise<TwinsPair[]> {
  const syns = await synsOf(capture);
  return Array.from({ length: count }, (_, at) => {
    const keys = addresses.containers.map(({ ipv4: address }) =>
      keyOf([{ address, port: first + at }, to]),
    );
    return { keys, seqs: keys.map((key) => syns.get(key)) };
  });
}

/** Whether nothing tells the two apart. */
export function isOne({ seqs }: TwinsPair): boolean {
  return seqs[0] !== undefined && seqs[0] === seqs[1];
}

/** @param told whose pping says that they are */
export function verdictOfPair(
  pair: TwinsPair,
  told: ReadonlyMap<string, string | undefined>,
  homes: readonly { cgroup: { path: string } }[],
) {
  const owners = pair.keys.map((key) => told.get(key));
  const isRight = owners.map((owner, home) => owner === homes[home]?.cgroup.path);
  // The first one's SYN may have passed before the second one connects.
  const isFine = isOne(pair) ? owners.includes(undefined) : isRight.every(Boolean);
  const isWrong = owners.some((owner, home) => owner !== undefined && !isRight[home]);
  return { isFine, isWrong };
}

/** Of each SYN of a capture: its ends as keyOf() has them, and its sequence number. */
async function synsOf(capture: string): Promise<Map<string, number>> {
  const args = ['-n', '-S', '-r', capture, 'tcp[tcpflags] = tcp-syn'];
  const { stdout } = await run('tcpdump', args, { maxBuffer: 1 << 26 });
  const syn = /IP (\S+)\.(\d+) > (\S+)\.(\d+): .* seq (\d+)/g;
  return new Map(
    [...stdout.matchAll(syn)].map(([, from = '', fromPort, to = '', toPort, seq]) => {
      const ends = [
        { address: from, port: Number(fromPort) },
        { address: to, port: Number(toPort) },
      ] as const;
      return [keyOf(ends), Number(seq)];
    }),
  );
}
