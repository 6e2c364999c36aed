/** A connection as a capture has it, read by tshark: the bits are those of the story. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { VERSION } from '../../lab/kernel/quic-packets.js';
import { Random } from '../../lab/random.js';
import { pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';
import { watchConnection } from '../helpers/spin/connection.js';
import { framesOf } from '../helpers/spin/frames.js';

const MS = 1e6;
const STORY = {
  delays: {
    ...{ clientToWatcher: 1 * MS, watcherToServer: 9 * MS },
    ...{ serverToWatcher: 9 * MS, watcherToClient: 1 * MS },
  },
  requests: { interval: 20 * MS, packets: 3 },
  duration: 500 * MS,
};
const file = useTemporaryFolder();

test.each([
  ['version 1, ids of 8 bytes', { version: VERSION.v1 }],
  [
    'version 2, ids of 20 bytes and of none',
    { version: VERSION.v2, idBytes: { client: 0, server: 20 } },
  ],
])('%s', (_, appearance) => {
  const { passages } = watchConnection(STORY, new Random(1));
  const path = file('spin.pcap');
  const ends = { client: CLIENT, server: SERVER };
  writeFileSync(path, pcap(framesOf(passages, { ...ends, ...appearance }), { nanoseconds: true }));
  const wanted = ['-T', 'fields', '-e', 'frame.time_epoch', '-e', 'quic.spin_bit'];
  const argv = ['-r', path, '-d', 'udp.port==443,quic', ...wanted];
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const told = execFileSync('tshark', argv, { encoding: 'utf8', stdio: [...stdio] });
  expect(told.split('\n').slice(0, -1)).toEqual(
    passages.map(({ time, packet }) => {
      const seconds = `${Math.floor(time / 1e9)}.${String(time % 1e9).padStart(9, '0')}`;
      return `${seconds}\t${typeof packet === 'string' ? '' : packet.spin}`;
    }),
  );
});
