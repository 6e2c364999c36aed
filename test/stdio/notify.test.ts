import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { linesOf } from '../helpers/command/cli.js';
import { NamedPipe } from '../helpers/command/pipe.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const BUILT = fileURLToPath(new URL('../../dist/src/stdio/notify.js', import.meta.url));
const PATIENCE_MS = 60_000;
const MESSAGES = 3_000;
const PROGRAM = `
  import { notify } from ${JSON.stringify(BUILT)};
  for (let number = 0; number < ${MESSAGES}; number++) notify('x'.repeat(999));
  console.log('told');
  process.stdin.once('data', () => {
    notify('the last');
    process.stdin.destroy();
  });
`;

const inFolder = useTemporaryFolder();
let pipe: NamedPipe;

beforeEach(() => {
  pipe = new NamedPipe(inFolder('pipe'));
});

afterEach(() => pipe.close());

test(
  'messages that nobody reads wait up to 1 MiB; whoever reads later learns how many are left out',
  async () => {
    const stderr = openSync(pipe.path, constants.O_WRONLY);
    const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
      stdio: ['pipe', 'pipe', stderr],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    });
    closeSync(stderr);
    const { stdin, stdout } = child;
    if (!stdin || !stdout) throw new Error('no pipes to the program');
    await once(stdout, 'data');
    const kept = await pipe.read(1 << 20); // all that waits but the last one or so, and what was in the pipe
    const rest = pipe.readAll();
    stdin.write('go on\n');
    const lines = linesOf(Buffer.concat([kept, await rest]).toString());
    const [leftOut, last] = lines.splice(-2);
    expect(last).toBe('the last');
    expect(leftOut).toBe(`${MESSAGES - lines.length} messages left out`);
    expect(lines.length).toBeLessThan(1_200);
    expect(new Set(lines)).toEqual(new Set(['x'.repeat(999)]));
  },
  2 * PATIENCE_MS,
);
