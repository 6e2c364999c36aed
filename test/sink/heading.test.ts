/** What an output begins with. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { FileSink } from '../../src/sink/file-sink.js';
import { openOutput, reopenOutput } from '../../src/sink/open.js';
import { NamedPipe } from '../helpers/command/pipe.js';
import { closeDrained } from '../helpers/output/drained.js';
import { SinkLog } from '../helpers/output/sink-log.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const HEADING = Buffer.from('time,rtt\n');
const ROW = Buffer.from('1,2\n');
const inFolder = useTemporaryFolder();
const textOf = (name: string) => readFileSync(inFolder(name), 'utf8');

function begin(log = new SinkLog()): FileSink {
  const sink = new FileSink(openOutput(inFolder('out')), log);
  sink.begin(HEADING);
  return sink;
}

test('a new file begins with it, also without lines', async () => {
  await closeDrained(begin());
  expect(textOf('out')).toBe('time,rtt\n');
});

test('an empty file that was there begins with it', async () => {
  writeFileSync(inFolder('out'), '');
  await closeDrained(begin());
  expect(textOf('out')).toBe('time,rtt\n');
});

test('a file that has it goes on without', async () => {
  for (let run = 0; run < 3; run++) {
    const sink = begin();
    sink.write(ROW, 1);
    await closeDrained(sink);
  }
  expect(textOf('out')).toBe('time,rtt\n1,2\n1,2\n1,2\n');
});

test('a file that was cut short in a line goes on below it', async () => {
  writeFileSync(inFolder('out'), 'time,rtt\n1');
  const sink = begin();
  sink.write(ROW, 1);
  await closeDrained(sink);
  expect(textOf('out')).toBe('time,rtt\n1\n1,2\n');
});

test('after a file is opened anew, the new one begins with it', async () => {
  const sink = begin();
  sink.write(ROW, 1);
  renameSync(inFolder('out'), inFolder('old'));
  sink.reopen(reopenOutput(inFolder('out')));
  sink.write(ROW, 1);
  await closeDrained(sink);
  expect([textOf('old'), textOf('out')]).toEqual(['time,rtt\n1,2\n', 'time,rtt\n1,2\n']);
});

test('a file that is opened anew and is the same one has it once', async () => {
  const sink = begin();
  sink.reopen(reopenOutput(inFolder('out')));
  sink.write(ROW, 1);
  await closeDrained(sink);
  expect(textOf('out')).toBe('time,rtt\n1,2\n');
});

test('a pipe begins with it', async () => {
  const pipe = new NamedPipe(inFolder('pipe'));
  const sink = new FileSink(openOutput(pipe.path), new SinkLog());
  sink.begin(HEADING);
  sink.write(ROW, 1);
  const [read] = await Promise.all([pipe.readAll(), closeDrained(sink)]);
  expect(read.toString()).toBe('time,rtt\n1,2\n');
});

test('where it cannot be written, that is told, and no line is missing', async () => {
  const log = new SinkLog();
  const failed = log.next('failed');
  const sink = new FileSink(openOutput('/dev/full'), log);
  sink.begin(HEADING);
  await failed;
  await sink.close();
  expect(sink.dropped).toBe(0);
  expect(new Set(log.errors)).toEqual(new Set(['disk full: standard output']));
});
