// A queue filling up, and the picture of it: an upload over a slow link, seen by pping beside light
// requests on the same link. Everything happens in namespaces that end with this process.
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeReport } from '../src/report/report.js';
import { takePicture } from './bloat/picture.js';
import { addQueue } from './bloat/queue.js';
import { record } from './bloat/record.js';
import { startTraffic, upload } from './bloat/traffic.js';
import { Cleanup } from './cleanup.js';
import { createPath } from './path.js';
import { checkRequirements } from './requirements.js';

/** The middle third has the upload. */
const THIRD_MS = 8_000;
const DELAY_US = 10_000;

const run = resolve(process.argv[2] ?? 'build/bloat.ndjson');
const report = run.replace(/(\.ndjson)?$/, '.html');
const picture = run.replace(/(\.ndjson)?$/, '.png');

const cleanup = new Cleanup();
try {
  await bloat();
} catch (failure) {
  say(`bloat: ${failure instanceof Error ? failure.message : failure}`);
  process.exitCode = 1;
}
await cleanup.run();

async function bloat(): Promise<void> {
  checkRequirements();
  const path = await createPath({ delayUs: DELAY_US });
  cleanup.add(() => path.close());
  await addQueue(path);
  const services = await startTraffic(path);
  say(`-- ${(2 * DELAY_US) / 1000} ms round trip, over 20 Mbit/s with a queue of up to 400 ms`);
  const recording = record(path.client, path.interfaceName, (3 * THIRD_MS) / 1000, run);
  await sleep(THIRD_MS);
  say('-- an upload starts, as fast as possible');
  await upload(path, services, THIRD_MS / 1000);
  say('-- the upload has ended');
  await recording;
  const { samples, flows, bytes } = await writeReport({ inputs: [run], output: report });
  say(`${report}: ${samples} samples of ${flows} flows, ${(bytes / 1000).toFixed(0)} kB`);
  if (await takePicture(report, picture)) say(picture);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
