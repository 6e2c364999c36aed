/** Standard output need not be a file or a pipe: bash makes it a TCP connection. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const BUILT = ['file-sink', 'open'].map((name) =>
  fileURLToPath(new URL(`../../dist/src/sink/${name}.js`, import.meta.url)),
);
const PATIENCE_MS = 60_000;
const PROGRAM = `
  import { FileSink } from ${JSON.stringify(BUILT[0])};
  import { openOutput } from ${JSON.stringify(BUILT[1])};
  const sink = new FileSink(openOutput(undefined), {
    onBrokenPipe() { process.exit(37); },
    onError(message) { console.error(message); process.exit(1); },
  });
  for (;;) {
    sink.write(Buffer.alloc(1 << 20, 'x'), 1);
    await new Promise(setImmediate);
  }
`;

test(
  'a reader that resets the connection (ECONNRESET) has gone, like that of a pipe',
  async () => {
    const server = createServer().listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const connected = once(server, 'connection') as Promise<[Socket]>;
      const { port } = server.address() as AddressInfo;
      const exited = once(startWriting(port), 'exit');
      const [reader] = await connected;
      await once(reader, 'readable');
      reader.resetAndDestroy();
      expect(await exited).toEqual([37, null]);
    } finally {
      server.close();
    }
  },
  2 * PATIENCE_MS,
);

function startWriting(port: number) {
  const command = `exec "$@" >/dev/tcp/127.0.0.1/${port}`;
  const program = [process.execPath, '--input-type=module', '-e', PROGRAM];
  return spawn('bash', ['-c', command, 'bash', ...program], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
}
