/** A disk that is full, and later is not: here a file that may not grow, which needs no disk of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const MiB = 1 << 20;
const BUILT = ['file-sink', 'open'].map((name) =>
  fileURLToPath(new URL(`../../dist/src/sink/${name}.js`, import.meta.url)),
);
const PATIENCE_MS = 60_000;
const PROLOGUE = `
  import { execFileSync } from 'node:child_process';
  import { FileSink } from ${JSON.stringify(BUILT[0])};
  import { openOutput } from ${JSON.stringify(BUILT[1])};
  process.on('SIGXFSZ', () => {}); // what the kernel sends along with EFBIG
  const limit = (bytes) => execFileSync('prlimit', ['--pid', process.pid, '--fsize=' + bytes + ':']);
  const events = { onBrokenPipe() {}, onError() {}, onRecovery() {}, onRemoved() {} };
  const next = (event) => new Promise((resolve) => { events[event] = resolve; });
  const sink = new FileSink(openOutput(process.argv[1]), events);
`;
const inFolder = useTemporaryFolder();

test.each([
  [
    'that has filled the buffer: the next line is dropped, and has all others written',
    `limit(10);
     const failed = next('onError');
     for (let number = 0; number < 16; number++) sink.write(Buffer.alloc(${MiB}, 'x'), 10);
     await failed;
     limit('unlimited');
     const recovered = next('onRecovery');
     sink.write(Buffer.from('too much'), 3);
     await recovered;
     await sink.close();`,
    { dropped: 3, length: 16 * MiB },
  ],
  [
    'with nothing more to write: the end tries again',
    `limit(10);
     const failed = next('onError');
     for (let number = 0; number < 3; number++) sink.write(Buffer.alloc(${MiB}, 'x'), 10);
     await failed;
     limit('unlimited');
     await sink.close();`,
    { dropped: 0, length: 3 * MiB },
  ],
  [
    'to the end: what was cut short counts by its lines',
    `limit(${MiB} + 10);
     sink.write(Buffer.alloc(${MiB}, 'x'), 1);
     sink.write(Buffer.from('one\\ntwo\\nthree\\nfour\\n'), 4);
     await sink.close();`,
    { dropped: 2, length: MiB + 10 },
  ],
])(
  '%s',
  async (_, program, expected) => {
    const { dropped, text } = await outcomeOf(program);
    expect({ dropped, length: text.length }).toEqual(expected);
  },
  2 * PATIENCE_MS,
);

async function outcomeOf(program: string): Promise<{ dropped: number; text: string }> {
  const argv = ['--input-type=module', '-e', `${PROLOGUE}${program}; process.exit(sink.dropped);`];
  const child = spawn(process.execPath, [...argv, inFolder('out')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  const [dropped] = (await once(child, 'exit')) as [number];
  return { dropped, text: readFileSync(inFolder('out'), 'utf8') };
}
