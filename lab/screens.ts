// What a terminal of 80x24 shows, as docs/screens.md: pping beside an upload that fills a queue.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addQueue } from './bloat/queue.js';
import { startTraffic, upload } from './bloat/traffic.js';
import { Cleanup } from './cleanup.js';
import { createPath } from './path.js';
import { repositoryRoot } from './places.js';
import { checkRequirements } from './requirements.js';
import { Terminal } from './screens/terminal.js';

const DELAY_US = 6_000;
const UPLOAD_S = 110;
interface Screen {
  readonly caption: string;
  /** What is typed behind the name of the interface. */
  readonly args: string;
  /** Pressed one after the other, in a live view that goes on. */
  readonly keys?: readonly string[];
}

const SCREENS: readonly Screen[] = [
  { caption: 'Lines, of a connection that is quick', args: '--port 8080 -c 3' },
  { caption: 'The summary alone, while the queue is full', args: '-s 5 -q' },
  { caption: 'A line per interval', args: '--interval 1s -s 8' },
  { caption: 'The same by peer', args: '--interval 2s --by peer -s 6' },
  { caption: 'The live view: owners first, where they are asked for', args: '--live --who' },
  { caption: 'The live view: peers', args: '--live --who', keys: ['a'] },
  { caption: 'The live view: flows', args: '--live --who', keys: ['a', 'a'] },
  {
    caption: 'The live view: what is counted in the kernel, of the last interval',
    args: '--live --aggregate 1s',
  },
  { caption: 'The live view: its help', args: '--live --who', keys: ['?'] },
];

const HEADING = `# Screens

What pping shows on a terminal of 80 columns and 24 lines. \`make screens\` has drawn them: a path of
${(2 * DELAY_US) / 1000} ms in the lab, requests over IPv4 and IPv6, and from the second screen on an upload that fills
the queue of a link of 20 Mbit/s. What to type for which question: [recipes](recipes.md). What the
columns of the live view are: [live view](live-view.md).
`;

const cleanup = new Cleanup();
try {
  checkRequirements();
  writeFileSync(join(repositoryRoot, 'docs/screens.md'), await draw());
} finally {
  await cleanup.run();
}

async function draw(): Promise<string> {
  const path = await createPath({ delayUs: DELAY_US });
  cleanup.add(() => path.close());
  await addQueue(path);
  const services = await startTraffic(path);
  const terminal = await Terminal.open(path);
  cleanup.add(() => terminal.close());
  const blocks = [HEADING];
  for (const [at, screen] of SCREENS.entries()) {
    if (at === 1) void upload(path, services, UPLOAD_S).catch(() => {});
    const lines = await terminal.take(`pping -i ${path.interfaceName} ${screen.args}`, screen.keys);
    blocks.push(
      `## ${screen.caption}\n\n${lines.map((line) => `    ${line}`.trimEnd()).join('\n')}\n`,
    );
  }
  return blocks.join('\n');
}
