/** The walk over open files finds the processes of real sockets. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { SOCKET_OWNERS_PATH } from '../../lab/kernel/kernel.js';
import { createNamespace, type Namespace } from '../../lab/netns.js';
import { Fault } from '../../src/faults.js';
import { KernelError } from '../../src/libbpf/errors.js';
import { SocketOwners } from '../../src/maps/socket-owners.js';
import { MOST_A_WALK } from '../../src/owners/processes.js';
import { SocketProcess } from '../helpers/kernel/sockets.js';

/** No socket has this cookie: they are counted from 1. */
const NOBODYS = 2n ** 63n;

let namespace: Namespace;
let owners: SocketOwners;
const processes: SocketProcess[] = [];
beforeAll(async () => {
  namespace = await createNamespace();
  owners = new SocketOwners(SOCKET_OWNERS_PATH);
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.kill()));
});
afterAll(async () => {
  await owners.close();
  await namespace.close();
});

function run(source: string): SocketProcess {
  const process = new SocketProcess(namespace, source);
  processes.push(process);
  return process;
}

/** As find() finds it, with nothing of the record beside. */
async function ownersOf(cookies: readonly bigint[]): Promise<Map<bigint, [number, string]>> {
  const found = await owners.find(cookies);
  return new Map(Array.from(found, ([cookie, { pid, comm }]) => [cookie, [pid, comm]]));
}

describe('a process is found', () => {
  test('of a listening, a connected and an accepted socket, also of IPv6', async () => {
    const server = run(`
rename(b'server')
listener = socket.socket(socket.AF_INET6)
listener.bind(('::', 0)); listener.listen()
tell(listener.getsockname()[1])
accepted, _ = listener.accept()
tell(cookie(listener), cookie(accepted))
told()`);
    const [port] = await server.numbers();
    const client = run(`
rename(b'client')
s = socket.create_connection(('::1', ${port}))
tell(cookie(s))
told()`);
    const [listening = 0n, accepted = 0n] = await server.numbers();
    const [connected = 0n] = await client.numbers();
    expect(await ownersOf([listening, accepted, connected])).toEqual(
      new Map([
        [listening, [server.pid, 'server']],
        [accepted, [server.pid, 'server']],
        [connected, [client.pid, 'client']],
      ]),
    );
  });

  test('by its first thread, whichever has opened the socket, also in a table of its own', async () => {
    const process = run(`
import ctypes
rename(b'first thread')
def work():
    rename(b'a worker', 'thread-self')
    assert ctypes.CDLL(None).unshare(0x400) == 0 # CLONE_FILES
    listener = listen()
    tell(cookie(listener))
    told()
threading.Thread(target=work).start()`);
    const [cookie = 0n] = await process.numbers();
    expect(await ownersOf([cookie])).toEqual(new Map([[cookie, [process.pid, 'first thread']]]));
  });

  test('of sockets of UDP and of pings, which a walk over connections leaves out', async () => {
    const process = run(`
rename(b'datagrams')
kinds = [(socket.AF_INET, socket.SOCK_DGRAM, 0), (socket.AF_INET6, socket.SOCK_DGRAM, 0),
    (socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_INET6, socket.SOCK_RAW, 58)]
sockets = [socket.socket(*kind) for kind in kinds]
tell(*map(cookie, sockets))
told()`);
    const cookies = await process.numbers();
    const own = cookies.map((cookie) => [cookie, [process.pid, 'datagrams']] as const);
    expect(await ownersOf(cookies)).toEqual(new Map(own));
    const connected: bigint[] = [];
    (await owners.connections()).forEach(({ cookie }) => void connected.push(cookie));
    expect(cookies.filter((cookie) => connected.includes(cookie))).toEqual([]);
  });

  test('whatever its name', async () => {
    const process = run(`
rename(b' a "b\\\\\\'c\\xff\\x1b[1m')
listener = listen()
tell(cookie(listener))
told()`);
    const [cookie = 0n] = await process.numbers();
    expect(await ownersOf([cookie])).toEqual(
      new Map([[cookie, [process.pid, ` a "b\\'c\ufffd\u001b[1m`]]]),
    );
  });
});

describe('a socket that several have open', () => {
  const FORK = `
rename(b'parent')
listener = listen()
ours, theirs = socket.socketpair()
child = os.fork()
if child == 0:
    ours.close()
    rename(b'child')
    tell(os.getpid(), cookie(listener))
    theirs.recv(1)
    os._exit(0)
theirs.close()
`;

  test("is the one's that was forked first", async () => {
    const parent = run(`${FORK}told()`);
    const [, cookie = 0n] = await parent.numbers();
    expect(await ownersOf([cookie])).toEqual(new Map([[cookie, [parent.pid, 'parent']]]));
  });

  test('is the one that is left', async () => {
    const parent = run(`${FORK}
told()
listener.close()
tell()
told()`);
    const [child, cookie = 0n] = await parent.numbers();
    parent.goOn();
    await parent.numbers();
    expect(await ownersOf([cookie])).toEqual(new Map([[cookie, [Number(child), 'child']]]));
  });
});

describe('nothing is found', () => {
  test('of a connection that is not accepted yet, and then its process', async () => {
    const process = run(`
listener = listen()
client = connect(listener)
tell(client.getsockname()[1])
told()
accepted, _ = listener.accept()
tell(cookie(client), cookie(accepted))
told()`);
    const [port] = await process.numbers();
    // Both ends, by what the kernel tells of all its sockets.
    const text = await namespace.run(['ss', '-tenH', `( sport = :${port} or dport = :${port} )`]);
    const cookies = Array.from(text.matchAll(/ sk:([0-9a-f]+)/g), ([, hex]) => BigInt(`0x${hex}`));
    expect(cookies).toHaveLength(2);
    const [found = 0n, ...more] = (await owners.find(cookies)).keys();
    process.goOn();
    const [connected, accepted = 0n] = await process.numbers();
    expect({ found, more }).toEqual({ found: connected, more: [] });
    expect(cookies).toContain(accepted);
    expect((await owners.find(cookies)).size).toBe(2);
  });

  test('of what is no socket of TCP, UDP or pings', async () => {
    const process = run(`
kinds = [(socket.AF_UNIX, socket.SOCK_STREAM, 0), (socket.AF_UNIX, socket.SOCK_DGRAM, 0),
    (socket.AF_NETLINK, socket.SOCK_RAW, 6), (socket.AF_INET, socket.SOCK_STREAM, 262), # MPTCP
    (socket.AF_INET, socket.SOCK_STREAM, 6)]
sockets = [socket.socket(*kind) for kind in kinds]
tell(*map(cookie, sockets))
told()`);
    const cookies = await process.numbers();
    expect(new Set(cookies).size).toBe(5);
    expect([...(await owners.find(cookies)).keys()]).toEqual(cookies.slice(4));
  });

  test('of a process that has exited, and of a cookie that is none', async () => {
    const process = run('tell(cookie(listen()))');
    const [cookie = 0n] = await process.numbers();
    await process.ended();
    expect(await ownersOf([cookie, NOBODYS])).toEqual(new Map());
  });

  test('of sockets that another walk has looked for', async () => {
    const process = run(`
sockets = [listen(), listen()]
tell(*map(cookie, sockets))
told()`);
    const [one = 0n, two = 0n] = await process.numbers();
    const [first, second] = await Promise.all([owners.find([one]), owners.find([two])]);
    expect([[...first.keys()], [...second.keys()]]).toEqual([[one], [two]]);
  });
});

test('a thousand are found with one walk, among as many cookies as there may be', async () => {
  const process = run(`
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
listener = listen()
pairs = [(connect(listener), listener.accept()[0]) for _ in range(500)]
tell(*(cookie(s) for pair in pairs for s in pair))
told()`);
  const cookies = await process.numbers();
  expect(cookies).toHaveLength(1_000);
  const others = Array.from({ length: owners.most - 1_000 }, (_, nth) => NOBODYS + BigInt(nth));
  const found = await owners.find([...others, ...cookies, ...cookies]);
  expect(new Set(found.keys())).toEqual(new Set(cookies));
  expect(new Set(Array.from(found.values(), ({ pid }) => pid))).toEqual(new Set([process.pid]));
  await expect(owners.find([...others, ...cookies, 1n])).rejects.toThrow(RangeError);
  expect(await owners.find([])).toEqual(new Map());
});

test('what is scheduled for a walk fits into one', () => expect(owners.most).toBe(MOST_A_WALK));

test('more than a million open files are all looked at', async () => {
  const process = run(`
import resource
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
most = min(most, 500_000)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
for fd in range(100, most): os.dup2(0, fd)
children = 1_100_000 // most
for nth in range(children):
    if os.fork() == 0:
        if nth == children - 1:
            s = listen()
            tell(os.getpid(), cookie(s))
        os.read(0, 1)
        os._exit(0)
told()`);
  const [child, cookie = 0n] = await process.numbers();
  expect(await ownersOf([cookie])).toEqual(new Map([[cookie, [Number(child), 'python3']]]));
});

describe('a walk over all', () => {
  /** Of these sockets, by their cookies. */
  async function told(
    cookies: readonly bigint[],
    ends: readonly (readonly [string, bigint | undefined])[],
  ) {
    const found = new Map<bigint, Told>();
    (await owners.connections()).forEach((each) => {
      if (!cookies.includes(each.cookie)) return;
      const { sndUna, sndNxt, rcvWup, rcvNxt, isListening, place } = each;
      const { pid, uid, commBytes } = each.owner();
      const endOf = (end: 0 | 1) =>
        ends.findIndex(([address, port]) => each.isAt(end, addressOf(address), Number(port)));
      found.set(each.cookie, {
        ...{
          isListening,
          sequences: [sndUna, sndNxt, rcvWup, rcvNxt],
          port: place.split(' ')[1] ?? '',
        },
        ...{ pid, uid, comm: commBytes.toString(), ends: [endOf(0), endOf(1)] },
      });
    });
    return cookies.map((cookie) => found.get(cookie));
  }

  interface Told {
    readonly isListening: boolean;
    readonly sequences: readonly number[];
    readonly port: string;
    readonly pid: number;
    readonly uid: number;
    readonly comm: string;
    /** Which of those that were asked about. */
    readonly ends: readonly [number, number];
  }

  /** The last bytes of an IPv6 address, or a mapped IPv4 one. */
  function addressOf(text: string): Buffer {
    const bytes = Buffer.alloc(16);
    if (text === '::1') bytes[15] = 1;
    else Buffer.from([0xff, 0xff, ...text.split('.').map(Number)]).copy(bytes, 10);
    return bytes;
  }

  test.each([
    ['AF_INET', '127.0.0.1', '127.0.0.1'],
    ['AF_INET6', '::1', '::1'],
    ['AF_INET6', '::ffff:127.0.0.1', '127.0.0.1'],
  ])('has both ends of a connection, %s %s, and who listens', async (family, address, wire) => {
    const process = run(`
rename(b'both')
listener = socket.socket(socket.${family})
listener.bind(('${address}', 0)); listener.listen()
one = socket.socket(socket.${family})
one.connect(listener.getsockname())
other, _ = listener.accept()
one.sendall(b'12345')
other.recv(5)
other.sendall(b'1234567')
one.recv(7)
tell(*map(cookie, [listener, one, other]), one.getsockname()[1], listener.getsockname()[1])
told()`);
    const [listener = 0n, connected = 0n, accepted = 0n, port, own] = await process.numbers();
    const cookies = [listener, connected, accepted];
    const [listens, one, other] = await told(cookies, [
      [wire, port],
      [wire, own],
    ]);
    const { pid } = process;
    expect(listens).toMatchObject({ isListening: true, port: String(own), pid, comm: 'both' });
    const both = { isListening: false, pid, uid: 0, comm: 'both' };
    expect(one).toMatchObject({ ...both, port: String(port), ends: [0, 1] });
    expect(other).toMatchObject({ ...both, port: String(own), ends: [1, 0] });
    // What the one is about to send is what the other waits for.
    expect(one?.sequences[1]).toBe(other?.sequences[3]);
    expect(other?.sequences[1]).toBe(one?.sequences[3]);
  });

  test('has a cookie of each, also where nobody has asked for one; and none that is not connected', async () => {
    const process = run(`
listener = listen()
pairs = [(connect(listener), listener.accept()[0]) for _ in range(50)]
new = socket.socket()
tell(cookie(new))
told()`);
    const [unconnected = 0n] = await process.numbers();
    const cookies: bigint[] = [];
    (await owners.connections()).forEach((each) => {
      if (each.owner().pid === process.pid) cookies.push(each.cookie);
    });
    expect(new Set(cookies).size).toBe(101);
    expect(cookies).not.toContain(0n);
    expect(cookies).not.toContain(unconnected);
  });

  test('tells each process that has it open', async () => {
    const process = run(`
listener = listen()
child = os.fork()
if child == 0:
    tell(os.getpid(), cookie(listener))
    os.read(0, 1)
    os._exit(0)
told()`);
    const [child, cookie] = await process.numbers();
    const pids: number[] = [];
    (await owners.connections()).forEach((each) => {
      if (each.cookie === cookie) pids.push(each.owner().pid);
    });
    expect(new Set(pids)).toEqual(new Set([process.pid, Number(child)]));
  });
});

test('closing waits for the walk under way; no other begins', async () => {
  const one = new SocketOwners(SOCKET_OWNERS_PATH);
  const process = run(`
s = listen()
tell(cookie(s))
told()`);
  const [cookie = 0n] = await process.numbers();
  const found = one.find([cookie]);
  await one.close();
  expect((await found).size).toBe(1);
  await expect(one.find([cookie])).rejects.toThrow(new Fault('the search for processes has ended'));
  await one.close();
});

test('an object that is not there is a fault', () => {
  expect(() => new SocketOwners('/nowhere/socket_owners.o')).toThrow(KernelError);
});
