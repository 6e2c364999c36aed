import type { Exchange } from './exchange.js';
import type { ClientOptions } from './options.js';
import { pause } from './pause.js';
import type { Tally } from './tally.js';

const TICK_MS = 5;

/** A token bucket fills at the rate; each request takes a token, and must fit into the window. */
export async function sendBulk(
  exchange: Exchange,
  { requestBytes, windowBytes, rateMbit, requests }: ClientOptions,
  stop: AbortSignal,
  tally: Tally,
): Promise<void> {
  const window = Math.max(1, Math.floor(windowBytes / requestBytes));
  const tokensPerMs = (rateMbit * 1_000) / 8 / requestBytes;
  let failure: Error | undefined;
  let lastReply = Promise.resolve();
  let sent = 0;
  let filled = performance.now();
  let tokens = 1;
  while (sent < requests && failure === undefined && !stop.aborted) {
    for (; tokens >= 1 && exchange.outstanding < window && sent < requests; tokens--, sent++) {
      lastReply = exchange.request().then(
        (us) => tally.add(us),
        (error: Error) => {
          failure = error;
        },
      );
    }
    await pause(TICK_MS, stop);
    const now = performance.now();
    tokens = Math.min(tokens + (now - filled) * tokensPerMs, window);
    filled = now;
  }
  await lastReply; // replies come in order
  if (failure !== undefined) throw failure;
}
