/**
 * RTTs of real kernels by what has answered, with what the path took of each: connections whose
 * applications are slow, whose acknowledgements are delayed, whose segments are lost, and a queue.
 */
import { writeFileSync } from 'node:fs';
import type { Answer } from '../../../src/events/types.js';
import { askedIn } from '../core/asked.js';
import { replayFiles } from '../core/replayed.js';
import { segmentsOf } from '../packets/segments.js';
import { type Corpus, DELAY_US, ENDS, type End, type Kind, makeCorpus } from './corpus.js';
import { Passing, pathOf } from './residence.js';

/** In ns. */
export interface Answered {
  readonly answer: Answer;
  readonly rtt: number;
  /** What of it was the path; the rest is the answering end's. */
  readonly path: number;
}

/** The RTTs of one kind of connections, as seen at one end of them: from there to the other and back. */
export interface Situation {
  readonly name: string;
  readonly end: End;
  readonly rtts: readonly Answered[];
  /** RTTs of which one of the two segments was not found at the other end. */
  readonly unknown: number;
}

/** How long the server takes for a reply, in ms, in the kinds that say so. */
export const THINKS = { short: 5, long: 50 } as const;
const LOST = { lost: 20, early: 0 };

/** What scripts have in common; see lab/traffic/protocol.ts. */
const COMMON = `
import socket, struct, sys, threading, time
address, port, args = sys.argv[1], int(sys.argv[2]), [float(arg) for arg in sys.argv[3:]]
def connect(request, think):
    s = socket.create_connection((address, port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.sendall(struct.pack('!III', request, 100, int(think)))
    return s
def ask(s):
    s.sendall(bytes(100))
    left = 100
    while left: left -= len(s.recv(left))
def together(*jobs):
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
`;
/** Never replied to: size of a write, s from one to the next, how many. */
const ONE_WAY = `${COMMON}
size, apart, count = args
s, due = connect(16777216, 0), time.monotonic()
for _ in range(int(count)):
    s.sendall(bytes(int(size)))
    due += apart
    time.sleep(max(0, due - time.monotonic()))
s.close()
`;
/**
 * Four requests at a time, one after the other, and a pause in which the last reply is acknowledged
 * late. With how long the server takes for each, in ms; and, where there is a second number, without
 * the quick acknowledgement of the reply after such a pause.
 */
export const IN_FOURS = `${COMMON}
def run():
    s = connect(100, args[0])
    for _ in range(15):
        if args[1:]: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
        for _ in range(4): ask(s)
        time.sleep(0.15)
    s.close()
together(*[run] * 4)
`;
/** Connections that stay and connections that go; and, where there is a third number, an upload. */
const BESIDE = `${COMMON}
think, seconds = args[:2]
end = time.monotonic() + seconds
def stays():
    s = connect(100, think)
    while time.monotonic() < end: ask(s)
    s.close()
def goes():
    while time.monotonic() < end:
        s = connect(100, think)
        ask(s)
        s.close()
def upload():
    time.sleep(seconds / 3)
    s = connect(16777216, 0)
    while time.monotonic() < end: s.sendall(bytes(65536))
    s.close()
together(*[stays] * 2, *[goes] * 3, *[upload] * len(args[2:]))
`;

const requests = (thinkMs: number, ...others: readonly string[]) => [
  ...['--connections', '4', '--requests', '40', '--interval', '80', '--think', String(thinkMs)],
  ...others,
];

export const KINDS: readonly Kind[] = [
  { name: 'upload', script: ONE_WAY, traffic: ['16384', '0.006', '400'] },
  { name: 'upload, 2 % lost', script: ONE_WAY, traffic: ['16384', '0.006', '400'], faults: LOST },
  { name: 'single writes, one way', script: ONE_WAY, traffic: ['100', '0.05', '60'] },
  { name: 'requests, answered at once', traffic: requests(0) },
  { name: 'requests, server takes 5 ms', traffic: requests(THINKS.short) },
  { name: 'requests, server takes 50 ms', traffic: requests(THINKS.long) },
  { name: 'the same, 2 % lost', traffic: requests(THINKS.long), faults: LOST },
  { name: 'requests in fours, server takes 5 ms', script: IN_FOURS, traffic: ['5'] },
  { name: 'the same, 2 % lost ', script: IN_FOURS, traffic: ['5'], faults: LOST },
  { name: 'the same, none acknowledged quickly', script: IN_FOURS, traffic: ['5', '0'] },
  { name: 'short connections, 50 ms', traffic: ['--mode', 'short', ...requests(THINKS.long)] },
  { name: 'short and long ones, 20 ms', script: BESIDE, traffic: ['20', '4'] },
];

/** Over 20 Mbit/s with up to 150 ms in the queue. */
export const QUEUED: readonly Kind[] = [
  {
    name: 'short and long ones, 20 ms, and an upload that fills a queue',
    script: BESIDE,
    traffic: ['20', '6', '1'],
    congestion: 'cubic',
    queue: ['rate', '20mbit', 'burst', '16kb', 'latency', '150ms'],
  },
];

export interface Measured {
  /** @param rate as --rate, in ns. In the order of kinds, at the client and then at the server */
  at(rate: bigint): Promise<Situation[]>;
}

/** @param file where a file of that name can be written */
export async function measureAnswers(file: (name: string) => string): Promise<Measured> {
  const corpora = [
    await makeCorpus(KINDS, (name) => file(`wire-${name}`), 'wire'),
    await makeCorpus(QUEUED, (name) => file(`merged-${name}`), 'merged'),
  ];
  const at = async (rate: bigint) => {
    const situations: Situation[] = [];
    for (const corpus of corpora) {
      for (const end of ENDS) {
        situations.push(...(await situationsOf(corpus, end, rate, file('replayed.pcap'))));
      }
    }
    return situations;
  };
  return { at };
}

async function situationsOf(
  { captures, kinds }: Corpus,
  end: End,
  rate: bigint,
  path: string,
): Promise<Situation[]> {
  writeFileSync(path, captures[end]);
  const { rtts } = await replayFiles([path], { rate });
  const other = new Passing(segmentsOf(captures[end === 'client' ? 'server' : 'client']));
  const asked = askedIn(segmentsOf(captures[end]), rtts);
  return Array.from(kinds, ([port, { name }]) => {
    const found: Answered[] = [];
    let unknown = 0;
    for (const [index, each] of asked.entries()) {
      const { question, rtt } = each;
      if ((end === 'client' ? question.destPort : question.sourcePort) !== port) continue;
      const taken = pathOf(each, other, BigInt(DELAY_US) * 1_000n);
      const answer = rtts[index]?.answer;
      if (taken === undefined || answer === undefined) unknown++;
      else found.push({ answer, rtt, path: taken });
    }
    return { name: name.trim(), end, rtts: found, unknown };
  });
}
