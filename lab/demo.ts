// The demo: pping watches real connections over a path whose delay is known, and changes.
// Everything happens in namespaces that end with this process; the host is not touched.
import { constants } from 'node:os';
import { Cleanup } from './cleanup.js';
import { closingWords } from './demo/closing.js';
import { checkMonitor, startMonitor } from './demo/monitor.js';
import { followSchedule, schedule } from './demo/schedule.js';
import { startTraffic } from './demo/traffic.js';
import { createPath } from './path.js';
import { checkRequirements } from './requirements.js';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort(signal));
}

const cleanup = new Cleanup();
try {
  process.exitCode = await demo(interruption.signal);
} catch (failure) {
  if (!interruption.signal.aborted) complain(failure);
  process.exitCode = 1;
}
await cleanup.run().catch(complain);
if (interruption.signal.aborted) {
  process.exitCode = 128 + constants.signals[interruption.signal.reason as NodeJS.Signals];
}

async function demo(interrupted: AbortSignal): Promise<number> {
  checkRequirements();
  checkMonitor();
  say('-- creating two network namespaces with a path of known delay between them');
  const path = await createPath({ delayUs: schedule[0].delayUs });
  cleanup.add(() => path.close());
  interrupted.throwIfAborted();
  await startTraffic(path);
  interrupted.throwIfAborted();

  const monitor = startMonitor(path.client, path.interfaceName, interrupted);
  const [seen, code] = await Promise.all([
    followSchedule(path, monitor.running, say),
    monitor.code,
  ]);
  if (code === 0 && !interrupted.aborted) say(closingWords(seen, await path.stats()));
  return code;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function complain(failure: unknown): void {
  say(`demo: ${failure instanceof Error ? failure.message : failure}`);
}
