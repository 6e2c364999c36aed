/** Processes of a test's own that open the sockets it says, in Python: Node has no way to ask for a socket's cookie. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { end } from '../../../lab/child.js';
import type { Namespace } from '../../../lab/netns.js';

const PRELUDE = `
import os, socket, struct, sys, threading
def cookie(s): # SO_COOKIE; the kernel makes one where there is none yet
    return struct.unpack('=Q', s.getsockopt(socket.SOL_SOCKET, 57, 8))[0]
def tell(*what): print(*what, flush=True)
def told(): return sys.stdin.readline().strip()
def rename(comm, task='self'):
    with open('/proc/%s/comm' % task, 'wb') as file: file.write(comm)
def listen():
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    s.listen(1024)
    return s
def connect(to): return socket.create_connection(to.getsockname())
`;

export class SocketProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #interface: Interface;

  /** Runs `source`, which has tell() to answer, told() to wait, and what else the prelude defines. */
  constructor(namespace: Namespace, source: string) {
    this.#child = namespace.spawn(['python3', '-c', PRELUDE + source], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { pid, stdout } = this.#child;
    if (pid === undefined || !stdout) throw new Error('python3 has not started');
    this.pid = pid;
    this.#interface = createInterface(stdout);
    this.#lines = this.#interface[Symbol.asyncIterator]();
  }

  /** The numbers of the next line that it tells. */
  async numbers(): Promise<bigint[]> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the process has ended');
    return String(value)
      .split(' ')
      .filter((text) => text !== '')
      .map(BigInt);
  }

  /** Has it go on from told(). */
  goOn(): void {
    this.#child.stdin?.write('\n');
  }

  /** Ends it, and returns when it has. */
  async kill(): Promise<void> {
    await end(this.#child, 'SIGKILL');
    this.#interface.close();
  }

  /** Returns when it has ended by itself. */
  async ended(): Promise<void> {
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}
