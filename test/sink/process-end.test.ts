/** What a stuck reader does to the process: a write that waits in a thread keeps it from ending. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { NamedPipe } from '../helpers/command/pipe.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const BUILT = ['file-sink', 'open'].map((name) =>
  fileURLToPath(new URL(`../../dist/src/sink/${name}.js`, import.meta.url)),
);
/** Much more than close() may wait: only what hangs takes so long. */
const PATIENCE_MS = 60_000;
const PROGRAM = `
  import { FileSink } from ${JSON.stringify(BUILT[0])};
  import { openOutput } from ${JSON.stringify(BUILT[1])};
  const sink = new FileSink(openOutput(undefined), { onBrokenPipe() {}, onError() {} });
  sink.write(Buffer.alloc(1 << 20, 'x'), 1);
  await sink.close();
  process.exitCode = 37;
`;

const inFolder = useTemporaryFolder();
let pipe: NamedPipe;

beforeEach(() => {
  pipe = new NamedPipe(inFolder('pipe'));
});

afterEach(() => pipe.close());

test.each([
  ['blocking', constants.O_WRONLY],
  ['non-blocking', constants.O_WRONLY | constants.O_NONBLOCK],
])(
  'a process ends although nobody reads its standard output, a %s pipe',
  async (_, flags) => {
    const stdout = openSync(pipe.path, flags);
    const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
      stdio: ['ignore', stdout, 'inherit'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    });
    closeSync(stdout);
    expect(await once(child, 'exit')).toEqual([37, null]);
  },
  2 * PATIENCE_MS,
);
