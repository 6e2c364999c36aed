/** Connections whose ends tell what each knows of them: who called, and as whom it was seen (callers.c). */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { end } from '../../../lab/child.js';
import type { Namespace } from '../../../lab/netns.js';
import { until } from '../../../lab/until.js';
import { compileHelper } from '../runner/compile.js';

/** An address and a port. */
export interface End {
  readonly address: string;
  readonly port: number;
}

/** Where from, and where to. */
export interface Call {
  readonly from: End;
  readonly to: End;
}

/** What becomes of a connection. */
export interface Move {
  readonly there: Namespace;
  readonly address: string;
  readonly ending: 'FIN' | 'RST';
}

/** What a server was told, and by whom as it sees it. */
export class Heard {
  readonly #lines: string[] = [];

  constructor(server: ChildProcess) {
    if (!server.stdout) throw new Error('no server');
    createInterface({ input: server.stdout }).on('line', (line) => this.#lines.push(line));
  }

  /** As they came. */
  get callers(): { readonly seen: End; readonly said: End }[] {
    return this.#lines.slice(1).map((line) => {
      const [address = '', port, ownAddress = '', ownPort] = line.split(' ');
      const seen = { address: address.replace('::ffff:', ''), port: Number(port) };
      return { seen, said: { address: ownAddress, port: Number(ownPort) } };
    });
  }

  async listening(): Promise<void> {
    await until(() => this.#lines[0] === 'listening', 'a server');
  }

  /** Resolves once it has forgotten a connection. */
  async vanished(): Promise<void> {
    await until(() => this.#lines.at(-1)?.endsWith(' vanish') === true, 'the end of a connection');
  }
}

export class CallerProgram {
  readonly #program: string;

  /** @param program where it is put */
  constructor(program: string) {
    compileHelper('lab/callers.c', program);
    this.#program = program;
  }

  /** At all addresses; ends with the namespace. */
  async answer(server: Namespace, port: number): Promise<Heard> {
    const heard = new Heard(this.#start(server, ['answer', '::', String(port)]));
    await heard.listening();
    return heard;
  }

  /** So many connections, one after the other, each from the next port. */
  async call(client: Namespace, call: Call, count = 1): Promise<void> {
    await client.run([this.#program, 'call', ...ends(call), String(count)]);
  }

  /** A connection that both ends forget, and no packet says so. */
  async vanish(client: Namespace, call: Call): Promise<void> {
    await client.run([this.#program, 'vanish', ...ends(call)]);
  }

  /**
   * A connection that will be moved to another namespace, where it is used once more and ended.
   * @returns what does that
   */
  move(client: Namespace, call: Call, { there, address, ending }: Move): () => Promise<void> {
    const place = [String(there.pid), address, ending];
    const child = this.#start(client, ['move', ...ends(call), ...place]);
    return async () => {
      const { code } = await end(child);
      if (code !== 0) throw new Error('the connection could not be moved');
    };
  }

  #start(place: Namespace, args: readonly string[]): ChildProcess {
    return place.spawn([this.#program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  }
}

function ends({ from, to }: Call): string[] {
  return [to, from].flatMap(({ address, port }) => [address, String(port)]);
}
