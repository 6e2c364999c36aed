import { setMaxListeners } from 'node:events';
import { sendBulk } from './bulk.js';
import { Exchange } from './exchange.js';
import type { ClientOptions, Mode } from './options.js';
import { pause } from './pause.js';
import { type Summary, Tally } from './tally.js';

/** Runs all connections to their end or to the signal, and says what they did. */
export async function runClient(options: ClientOptions, signal: AbortSignal): Promise<Summary> {
  const run: Run = { options, stop: limited(signal, options.seconds), tally: new Tally() };
  setMaxListeners(0, run.stop); // two per connection
  const one = () => modes[options.mode](run).catch((failure) => fail(run, failure));
  await Promise.all(Array.from({ length: options.connections }, one));
  return run.tally.summary(options);
}

interface Run {
  readonly options: ClientOptions;
  readonly stop: AbortSignal;
  readonly tally: Tally;
}

/** For a peer that a busy machine does not let run; where there is none left, nothing comes at all. */
const LAST_REPLIES_MS = 10_000;

const modes: { readonly [mode in Mode]: (run: Run) => Promise<void> } = {
  persistent: (run) => connected(run, (exchange) => paced(run, () => roundTrip(run, exchange))),
  short: (run) => paced(run, () => connected(run, (exchange) => roundTrip(run, exchange))),
  bulk: (run) => connected(run, (exchange) => sendBulk(exchange, run.options, run.stop, run.tally)),
};

/** Said only while it is news: when everything is being ended, so are connections. */
function fail({ tally, stop }: Run, failure: unknown): void {
  tally.fail();
  const reason = failure instanceof Error ? failure.message : failure;
  if (!stop.aborted) process.stderr.write(`traffic: ${reason}\n`);
}

function limited(signal: AbortSignal, seconds: number): AbortSignal {
  if (!Number.isFinite(seconds)) return signal;
  return AbortSignal.any([signal, AbortSignal.timeout(seconds * 1_000)]);
}

async function roundTrip({ tally }: Run, exchange: Exchange): Promise<void> {
  tally.add(await exchange.request());
}

/** One connection, around what is to be done on it. */
async function connected(
  { options, stop }: Run,
  use: (exchange: Exchange) => Promise<void>,
): Promise<void> {
  const exchange = await Exchange.open(options, options);
  const abandonSoon = () => setTimeout(() => exchange.abandon(), LAST_REPLIES_MS).unref();
  stop.addEventListener('abort', abandonSoon);
  try {
    await use(exchange);
    await exchange.close();
  } finally {
    stop.removeEventListener('abort', abandonSoon);
    exchange.abandon();
  }
}

/** Once per interval, as often as asked for. */
async function paced({ options, stop }: Run, once: () => Promise<void>): Promise<void> {
  for (let done = 1; done <= options.requests && !stop.aborted; done++) {
    const started = performance.now();
    await once();
    const rest = options.intervalMs - (performance.now() - started);
    if (done < options.requests) await pause(rest, stop);
  }
}
