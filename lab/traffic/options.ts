import { parseArgs } from 'node:util';

const usage = `usage: traffic server <address> <port>
       traffic client <address> <port> [options]
  --mode persistent|short|bulk   one request at a time on each connection, a new connection per
                                 request, or a steady stream of requests (default: persistent)
  --connections <n>    at a time (default: 1)
  --request <bytes>    size of a request (default: 100; bulk: 16384)
  --reply <bytes>      size of the reply to each (default: 100; bulk: 8)
  --think <ms>         how long the server takes to reply to each (default: 0)
  --interval <ms>      least time from one request of a connection to the next (default: 100)
  --requests <n>       how many, per connection of --connections (default: no limit)
  --seconds <s>        for how long (default: until SIGTERM or the end of stdin)
  --rate <Mbit/s>      of each connection, bulk only (default: 20)
  --window <bytes>     sent but not replied to, at most, bulk only (default: 262144)
`;

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface ServerOptions extends Endpoint {
  readonly role: 'server';
}

export type Mode = 'persistent' | 'short' | 'bulk';

export interface ClientOptions extends Endpoint {
  readonly role: 'client';
  readonly mode: Mode;
  readonly connections: number;
  readonly requestBytes: number;
  readonly replyBytes: number;
  readonly thinkMs: number;
  readonly intervalMs: number;
  readonly requests: number;
  readonly seconds: number;
  readonly rateMbit: number;
  readonly windowBytes: number;
}

export class UsageError extends Error {}

export function parseOptions(argv: string[]): ServerOptions | ClientOptions {
  try {
    return parse(argv);
  } catch (failure) {
    throw new UsageError(`${failure instanceof Error ? failure.message : failure}\n${usage}`);
  }
}

function parse(argv: string[]): ServerOptions | ClientOptions {
  const { positionals, values } = parseArgs({ args: argv, options, allowPositionals: true });
  const [role, address, port, ...rest] = positionals;
  if (address === undefined || rest.length > 0) throw new Error('an address and a port are needed');
  const endpoint = { address, port: bounded('port', port, role === 'server' ? 0 : 1, 65_535) };
  if (role === 'server') return { role, ...endpoint };
  if (role !== 'client') throw new Error(`neither server nor client: ${role}`);
  return { role, ...endpoint, ...clientOptions(values) };
}

const text = { type: 'string' } as const;

const options = {
  mode: text,
  connections: text,
  request: text,
  reply: text,
  think: text,
  interval: text,
  requests: text,
  seconds: text,
  rate: text,
  window: text,
} as const;

type Values = { readonly [name in keyof typeof options]?: string | undefined };

function clientOptions(values: Values): Omit<ClientOptions, 'role' | keyof Endpoint> {
  const number = (name: keyof Values, least: number, most: number, fallback: number) =>
    bounded(name, values[name], least, most, fallback);
  const mode = parseMode(values.mode ?? 'persistent');
  const bulk = mode === 'bulk';
  return {
    mode,
    connections: number('connections', 1, 10_000, 1),
    requestBytes: number('request', 1, MAX_BYTES, bulk ? 16_384 : 100),
    replyBytes: number('reply', 1, MAX_BYTES, bulk ? 8 : 100),
    thinkMs: Math.round(number('think', 0, 60_000, 0)),
    intervalMs: number('interval', 0, 3_600_000, 100),
    requests: number('requests', 1, 1e9, Number.POSITIVE_INFINITY),
    seconds: number('seconds', 0, 1e6, Number.POSITIVE_INFINITY),
    rateMbit: number('rate', 0.001, 10_000, 20),
    windowBytes: number('window', 1, 1e9, 262_144),
  };
}

export const MAX_BYTES = 16 * 1024 * 1024;

function parseMode(mode: string): Mode {
  if (mode === 'persistent' || mode === 'short' || mode === 'bulk') return mode;
  throw new Error(`no such mode: ${mode}`);
}

function bounded(
  name: string,
  value: string | undefined,
  least: number,
  most: number,
  fallback?: number,
): number {
  if (value === undefined && fallback !== undefined) return fallback;
  const number = value === undefined || value === '' ? Number.NaN : Number(value);
  if (number >= least && number <= most) return number;
  throw new Error(`${name} must be a number from ${least} to ${most}: ${value}`);
}
