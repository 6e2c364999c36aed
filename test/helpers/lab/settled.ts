/** The lab behind a bridge, with its residents in it: what each test of owners there begins with. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BehindBridgeLab, createBehindBridgeLab } from '../../../lab/behind-bridge.js';
import type { Cleanup } from '../../../lab/cleanup.js';
import { interfaceName } from '../../../lab/endpoints.js';
import { makeCgroup, type TestCgroup } from '../kernel/cgroup.js';
import { Residents } from './residents.js';
import { makeStranger } from './stranger.js';

export interface Settled {
  readonly lab: BehindBridgeLab;
  readonly residents: Residents;
}

/** Nobody listens yet: Residents.serve(). @param cleanup what ends it all */
export async function settle(cleanup: Cleanup): Promise<Settled> {
  const folder = mkdtempSync(join(tmpdir(), 'pping-test-'));
  cleanup.add(() => rmSync(folder, { recursive: true }));
  const cgroups: TestCgroup[] = [];
  cleanup.add(() => Promise.all(cgroups.map((cgroup) => cgroup.remove())).then(() => {}));
  // Closed first: what still runs in a cgroup ends with it.
  const lab = await createBehindBridgeLab();
  cleanup.add(() => lab.close());
  await makeStranger(lab.internet, interfaceName, join(folder, 'stranger.o'));
  const residents = new Residents(lab, join(folder, 'tellers'), (name) => {
    const cgroup = makeCgroup(name);
    cgroups.push(cgroup);
    return cgroup;
  });
  return { lab, residents };
}
