// connect <address> <port> <count> [<own port>]: connects so many times, one after the other, and
// prints how long each took, in microseconds, as one JSON array. A refusal is an answer like any other.
import { connect } from 'node:net';

const ANSWER_DEADLINE_MS = 10_000;

const [address, port, count, ownPort = '0'] = process.argv.slice(2);
if (address === undefined || port === undefined || count === undefined) {
  process.stderr.write('usage: connect <address> <port> <count> [<own port>]\n');
  process.exit(2);
}
try {
  const times: number[] = [];
  while (times.length < Number(count)) times.push(await connectTime(address, Number(port)));
  process.stdout.write(`${JSON.stringify(times)}\n`);
} catch (failure) {
  process.stderr.write(`connect: ${failure instanceof Error ? failure.message : failure}\n`);
  process.exitCode = 1;
}

function connectTime(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const socket = connect({ host, port, localPort: Number(ownPort) });
    const answered = () => {
      socket.destroy();
      resolve(Math.round((performance.now() - started) * 1_000));
    };
    socket.setTimeout(ANSWER_DEADLINE_MS, () => {
      socket.destroy(new Error(`${host} port ${port} does not answer`));
    });
    socket.once('connect', answered);
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNREFUSED' ? answered() : reject(error),
    );
  });
}
