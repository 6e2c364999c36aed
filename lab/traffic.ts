// TCP traffic of a known shape, for use inside the lab's namespaces. See traffic/options.ts.
// Ends when its work is done, on SIGTERM, or when its stdin does; says at the end what it did.
import { runClient } from './traffic/client.js';
import { parseOptions, UsageError } from './traffic/options.js';
import { runServer } from './traffic/server.js';

const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.stdin.once('end', () => stop.abort()).on('error', () => stop.abort());
process.stdin.resume();
process.stdout.on('error', () => {}); // whoever started us is gone: nobody wants the summary

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.role === 'server') {
    await runServer(options, stop.signal);
  } else {
    const summary = await runClient(options, stop.signal);
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    if (summary.failed > 0) process.exitCode = 1;
  }
} catch (failure) {
  process.stderr.write(`traffic: ${failure instanceof Error ? failure.message : failure}\n`);
  process.exitCode = failure instanceof UsageError ? 2 : 1;
}
process.stdin.destroy(); // or an open stdin would keep the process
