/** A process of its own (see programs.ts): attaches with clsact to the lo that it finds. */
import { messageOf } from '../faults.js';
import { ETHERNET, loadPrograms } from '../live/programs.js';
import { NO_FILTER } from '../sampling/filter.js';
import { DEFAULT_CAPACITY } from '../sampling/policy.js';
import { attachForAMoment, CLSACT_FAILED } from './programs.js';

try {
  const object = await loadPrograms(ETHERNET, { capacity: DEFAULT_CAPACITY, filter: NO_FILTER });
  await attachForAMoment(object, 'clsact');
  object.close();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = CLSACT_FAILED;
}
