/** Has TCP sockets noted as they open, in all network namespaces: so connections of containers are found. */
import { NOTE_SOCKETS } from '../core/programs.js';
import { messageOf } from '../faults.js';
import { attachToSockets, detachFromSockets } from '../libbpf/cgroup-link.js';
import { KernelError } from '../libbpf/errors.js';
import type { LoadedObject } from '../libbpf/object.js';
import { NOTED_SOCKETS_MAP, tellNotedSockets } from '../maps/opened-sockets.js';
import { SocketStates } from './socket-states.js';

/** What of cgroup2 is mounted. */
export interface CgroupRoot {
  /** Undefined where nothing is. */
  readonly directory: string | undefined;
  /** Why that is not all there is on this machine; undefined where it is. */
  readonly lacking: string | undefined;
}

/** Which sockets, and when: all, as they connect; all, once they have opened; those of a part of the cgroups. */
export type NotedSockets = 'all' | 'late' | 'some' | 'none';

/** What notes them. */
interface Noting {
  readonly program: number;
  readonly detach: () => void;
}

export class OpenedSockets {
  readonly noted: NotedSockets = 'none';
  /** Why not all are, as they connect; undefined where they are. */
  readonly reason: string | undefined;
  readonly #noting: Noting | undefined;

  /** By the first way that there is. */
  constructor(object: LoadedObject, root: CgroupRoot) {
    const reasons = new Set(root.lacking === undefined ? [] : [root.lacking]);
    for (const [noted, begin] of waysOf(object, root)) {
      let noting: Noting | undefined;
      try {
        noting = begin();
        tellNotedSockets(object.map(NOTED_SOCKETS_MAP).fd, noted);
        this.#noting = noting;
        this.noted = noted;
        break;
      } catch (error) {
        noting?.detach();
        reasons.add(reasonOf(error, noted, root));
      }
    }
    this.reason = this.noted === 'all' ? undefined : [...reasons].join('; ');
  }

  /** The program that notes them; undefined where none does. */
  get program(): number | undefined {
    return this.#noting?.program;
  }

  /** Whether all are, as they connect or once their handshake is over. */
  get areAllNoted(): boolean {
    return this.noted === 'all' || this.noted === 'late';
  }

  /** Once. */
  close(): void {
    this.#noting?.detach();
  }
}

type Way = readonly [noted: Exclude<NotedSockets, 'none'>, begin: () => Noting];

function waysOf(object: LoadedObject, { directory, lacking }: CgroupRoot): readonly Way[] {
  const late: Way = ['late', () => byStates(object)];
  if (directory === undefined) return [late];
  const within = () => byCgroup(object, directory);
  return lacking === undefined ? [['all', within], late] : [late, ['some', within]];
}

function byCgroup(object: LoadedObject, directory: string): Noting {
  const program = object.program(NOTE_SOCKETS);
  const link = attachToSockets(program, directory);
  return { program, detach: () => detachFromSockets(link) };
}

function byStates(object: LoadedObject): Noting {
  const states = new SocketStates(object);
  return { program: states.program, detach: () => states.close() };
}

/** In one line: the verifier's words are no help here. */
function reasonOf(error: unknown, noted: NotedSockets, { directory }: CgroupRoot): string {
  if (noted !== 'late' && error instanceof KernelError && error.name === 'EPERM') {
    return `a sock_ops program at ${directory} allows no other program (EPERM)`;
  }
  return messageOf(error).split('\n')[0] ?? '';
}
