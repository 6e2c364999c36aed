// cycles <interface> <count>: starts and stops watching in one process, so many times, and prints
// how many descriptors more are open afterwards.
import { readdirSync } from 'node:fs';
import { planInterfaces } from '../src/live/interface-plan.js';
import { LiveSource } from '../src/live/source.js';
import { NO_FILTER } from '../src/sampling/filter.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../src/sampling/policy.js';

const [name, count] = process.argv.slice(2);
if (name === undefined || count === undefined) {
  process.stderr.write('usage: cycles <interface> <count>\n');
  process.exit(2);
}
await cycle(name); // what is opened once and kept
const before = descriptors();
for (let done = 0; done < Number(count); done++) await cycle(name);
process.stdout.write(`${descriptors() - before}\n`);

async function cycle(interfaceName: string): Promise<void> {
  const plan = planInterfaces({ included: [interfaceName], excluded: [] });
  const source = await LiveSource.start(plan, {
    settings: DEFAULT_SETTINGS,
    capacity: DEFAULT_CAPACITY,
    filter: NO_FILTER,
    attach: undefined,
  });
  await source.wait(0);
  source.drain({ onEvent() {} }, Number.POSITIVE_INFINITY);
  await source.sweep();
  source.close();
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
