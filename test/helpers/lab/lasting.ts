/** Processes that hold connections for as long as a test lasts, and use them when they are told to; in Python. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { until } from '../../../lab/until.js';
import type { End } from './callers.js';
import type { Home, Self } from './tellers.js';

const PROGRAM = `
import ctypes, os, selectors, socket, sys, threading
def tell(*what): print(*what, flush=True)
def end(name):
    address, port = name[:2]
    return '%s %d' % (address.removeprefix('::ffff:'), port)
def rename(name): ctypes.CDLL(None).prctl(15, name.encode(), 0, 0, 0) # PR_SET_NAME

def serve(port):
    listener = socket.create_server(('::', int(port)), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1024)
    chooser = selectors.DefaultSelector()
    chooser.register(listener, selectors.EVENT_READ)
    named = set()
    tell('listening')
    while True:
        for key, _ in chooser.select():
            if key.fileobj is listener:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                chooser.register(connection, selectors.EVENT_READ)
                continue
            connection = key.fileobj
            try: said = connection.recv(65536)
            except OSError: said = b''
            if not said:
                chooser.unregister(connection)
                connection.close()
                continue
            if connection not in named:
                named.add(connection)
                tell(said.decode().strip(), end(connection.getpeername()), end(connection.getsockname()))
            connection.sendall(said)

def hold(address, port, count, name, first):
    rename(name)
    held = []
    for nth in range(int(count)):
        connection = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET)
        if first != '0':
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            connection.bind(('', int(first) + nth))
        connection.connect((address, int(port)))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(('%s-%d\\n' % (name, nth)).encode())
        connection.recv(100)
        tell('%s-%d' % (name, nth), end(connection.getsockname()), end(connection.getpeername()))
        held.append(connection)
    tell('ready')
    use = threading.Event()
    def exchange():
        for connection in held:
            connection.sendall(b'x')
            connection.recv(100)
    def again_and_again():
        while True:
            use.wait()
            exchange()
            threading.Event().wait(0.02)
    threading.Thread(target=again_and_again, daemon=True).start()
    for line in sys.stdin:
        if line == 'use\\n': use.set()
        if line == 'rest\\n': use.clear()
        if line == 'once\\n': exchange()
        tell(line.strip())

{ 'serve': serve, 'hold': hold }[sys.argv[1]](*sys.argv[2:])
`;

/** One connection, by a name of its own. */
export interface Lasting {
  readonly name: string;
  /** As who told it sees it: from, and to. */
  readonly from: End;
  readonly to: End;
}

class LastingProcess {
  readonly #child: ChildProcess;
  readonly lines: string[] = [];

  constructor({ namespace, cgroup }: Home, args: readonly (string | number)[]) {
    const argv = ['python3', '-c', PROGRAM, ...args.map(String)];
    this.#child = namespace.spawn(cgroup.command(argv), { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.#child.stdout) throw new Error('python3 has not started');
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.lines.push(line));
  }

  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  /** Tells it something, and waits until it has done so. */
  async say(word: string): Promise<void> {
    const before = this.lines.length;
    this.#child.stdin?.write(`${word}\n`);
    await until(() => this.lines.length > before, word);
  }
}

/** It echoes what it gets; it ends with its namespace. */
export class LastingServer extends LastingProcess {
  static async start(home: Home, port: number): Promise<LastingServer> {
    const server = new LastingServer(home, ['serve', port]);
    await until(() => server.lines.length > 0, 'a server');
    return server;
  }

  /** As it sees them. */
  async accepted(names: readonly string[]): Promise<Lasting[]> {
    const told = () => this.lines.slice(1).map(lastingOf);
    const wanted = new Set(names);
    const matching = () => told().filter(({ name }) => wanted.has(name));
    await until(() => matching().length === wanted.size, `${wanted.size} connections`);
    return matching();
  }
}

export interface Holding {
  readonly to: End;
  readonly count: number;
  /** Of the process: 15 characters at most. */
  readonly name: string;
  /** Of its own ports; 0: any. */
  readonly first?: number;
}

/** It has connected, and holds that. */
export class LastingClient extends LastingProcess {
  readonly #name: string;

  private constructor(home: Home, { to, count, name, first = 0 }: Holding) {
    super(home, ['hold', to.address, to.port, count, name, first]);
    this.#name = name;
  }

  static async start(home: Home, holding: Holding): Promise<LastingClient> {
    const client = new LastingClient(home, holding);
    await until(() => client.lines.includes('ready'), `connections of ${holding.name}`);
    return client;
  }

  get held(): Lasting[] {
    return this.lines.slice(0, this.lines.indexOf('ready')).map(lastingOf);
  }

  self(cgroup: string): Self {
    return { pid: this.pid, comm: this.#name, cgroup };
  }
}

function lastingOf(line: string): Lasting {
  const [name = '', fromAddress = '', fromPort, toAddress = '', toPort] = line.split(' ');
  return {
    name,
    from: { address: fromAddress, port: Number(fromPort) },
    to: { address: toAddress, port: Number(toPort) },
  };
}
