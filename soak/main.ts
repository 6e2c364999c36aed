// make soak: pping under churning connections and faults of every kind, and a verdict at the end.
// Everything happens in namespaces that end with this process; the host is not touched.
import { accessSync, constants as files } from 'node:fs';
import { constants } from 'node:os';
import { CommanderError } from 'commander';
import { Cleanup } from '../lab/cleanup.js';
import { checkRequirements } from '../lab/requirements.js';
import { checksOf } from './checks.js';
import { churnProgram } from './churn.js';
import { soak } from './course.js';
import { parseOptions, type SoakOptions } from './options.js';
import { checkText, sumText } from './verdict.js';

const options = wantedOptions();
const cleanup = new Cleanup();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void interrupted(constants.signals[signal]));
}

try {
  process.exitCode = (await verdict(options)) ? 0 : 1;
} catch (failure) {
  complain(failure);
  process.exitCode = 1;
}
await cleanup.run().catch(complain);

async function verdict(wanted: SoakOptions): Promise<boolean> {
  checkRequirements();
  accessSync(churnProgram, files.X_OK);
  const { minutes, seed, rate, owners, protocols } = wanted;
  const also = `${owners ? ', with owners' : ''}${protocols === 'all' ? ', all protocols' : ''}`;
  say(`soak: ${minutes} minutes, ${rate} connections a second, seed ${seed}${also}`);
  const checks = checksOf(await soak(wanted, cleanup, say));
  for (const check of checks) say(checkText(check));
  say(sumText(checks));
  const isWell = checks.every(({ isOk }) => isOk !== false);
  const asked = `${owners ? ' OWNERS=1' : ''}${protocols === 'all' ? ' PROTOCOLS=all' : ''}`;
  if (!isWell) say(`to repeat: make soak MINUTES=${minutes} RATE=${rate} SEED=${seed}${asked}`);
  return isWell;
}

function wantedOptions(): SoakOptions {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    process.exit(error instanceof CommanderError && error.exitCode === 0 ? 0 : 2);
  }
}

async function interrupted(signal: number): Promise<void> {
  await cleanup.run().catch(complain);
  process.exit(128 + signal);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(failure: unknown): void {
  process.stderr.write(`soak: ${failure instanceof Error ? failure.message : failure}\n`);
}
