/** What pping says of the kernel that a guest runs (make test-kernels ALL=1). */
import { expect, jest, test } from '@jest/globals';
import { here, useCli } from '../test/helpers/command/cli.js';
import { hasTcx } from '../test/helpers/kernel/tcx.js';

jest.setTimeout(300_000);

const startCli = useCli();

test('pping doctor finds all that is needed', async () => {
  const { code, stdout } = await startCli(here, ['doctor']).ended;
  expect(stdout).toMatch(hasTcx ? /with TCX, as tried/ : /with clsact filters, as tried/);
  expect(code).toBe(0);
});
