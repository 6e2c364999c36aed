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
  { caption: 'One line per RTT: a fast connection', args: '--port 8080 -c 3' },
  { caption: 'Summary only, with a full queue', args: '-s 5 -q' },
  { caption: 'One line per interval', args: '--interval 1s -s 8' },
  { caption: 'One line per interval and peer', args: '--interval 2s --by peer -s 6' },
  { caption: 'Live view: owners (with --who)', args: '--live --who' },
  { caption: 'Live view: peers', args: '--live --who', keys: ['a'] },
  { caption: 'Live view: flows', args: '--live --who', keys: ['a', 'a'] },
  {
    caption: 'Live view: aggregates of the last interval',
    args: '--live --aggregate 1s',
  },
  { caption: 'Live view: help', args: '--live --who', keys: ['?'] },
];

const HEADING = `# Screens

What pping shows on an 80x24 terminal. Lines that the terminal wraps are in one piece here, and what
has scrolled off the top is shown, too. \`make screens\` generates this page in the lab. The path has
an RTT of ${(2 * DELAY_US) / 1000} ms, with requests over IPv4 and IPv6. From the second screen on, an upload fills the
queue of a 20 Mbit/s link. Commands for common questions: [recipes](recipes.md). The columns of the
live view: [live view](live-view.md).
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
