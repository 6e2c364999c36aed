// The traffic program at the two ends of a lab network.
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ending } from './child.js';
import type { Endpoints } from './endpoints.js';
import { trafficProgram } from './places.js';
import type { Summary } from './traffic/tally.js';

export interface Service {
  readonly address: string;
  readonly port: number;
}

/** A server at the server's end, on a free port unless told otherwise; ends with the network. */
export async function startServer(
  { server }: Pick<Endpoints, 'server'>,
  address: string,
  port = 0,
): Promise<Service> {
  const child = start(server, ['server', address, String(port)]);
  const [word, actual] = (await nextLine(child)).split(' ');
  if (word !== 'listening') throw new Error(`no server at ${address} port ${port}`);
  return { address, port: Number(actual) };
}

/** A client at the client's end, with options as in traffic/options.ts. */
export function startClient(
  { client }: Pick<Endpoints, 'client'>,
  { address, port }: Service,
  options: readonly string[],
): RunningClient {
  const child = start(client, ['client', address, String(port), ...options]);
  const summary = nextLine(child).then((line) => JSON.parse(line) as Summary);
  summary.catch(() => {}); // for whoever awaits it
  return {
    summary,
    stop() {
      child.stdin?.end();
      return summary;
    },
    kill() {
      child.kill('SIGKILL');
    },
  };
}

export interface RunningClient {
  /** Resolves when the client has done what it was asked to. */
  readonly summary: Promise<Summary>;
  /** Ends it now, in good order. */
  stop(): Promise<Summary>;
  /** At once, where there is nobody left to say goodbye to. */
  kill(): void;
}

/** Starts a program that makes traffic. */
export function start(
  ns: Endpoints['client'],
  argv: readonly string[],
  program = trafficProgram,
): ChildProcess {
  return ns.spawn([process.execPath, program, ...argv], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // out of reach of Ctrl-C
  });
}

/** Of those that are still to come. */
export function nextLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', resolve);
    const gone = () => reject(new Error('the traffic program ended without a word'));
    ending(child).then(() => (child.stdout?.readableEnded ? gone() : child.once('close', gone)));
  });
}
