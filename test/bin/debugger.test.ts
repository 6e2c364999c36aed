/** SIGUSR1 opens Node's debugger, to whoever is on the machine, unless the program has a handler: pping never lets it. */
import { describe, expect, jest, test } from '@jest/globals';
import { end } from '../../lab/child.js';
import { type Started, useStarted } from '../helpers/command/started.js';
import { conversation } from '../helpers/core/replayed.js';
import { pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

/** Each starts a process, which takes seconds on a loaded machine. */
jest.setTimeout(300_000);

const STARTS = 10;
const SIGNALS_A_START = 20;

describe('SIGUSR1', () => {
  const inFolder = useTemporaryFolder();
  const start = useStarted();

  /** It goes on as long as its input does. */
  function startReplay(): Started {
    const replay = start(['-r', '-']);
    replay.child.stdin?.write(pcap(conversation(1), { nanoseconds: true }));
    return replay;
  }

  test('from when Node begins to catch it, 200 times up to the first line: no debugger', async () => {
    const span = await spanOfStart(startReplay());
    let sent = 0;
    for (let at = 0; at < STARTS; at++) {
      const replay = startReplay();
      await replay.catches('SIGUSR1');
      const moments = Array.from(
        { length: SIGNALS_A_START },
        (_, turn) => ((at + turn * STARTS) * span) / (STARTS * SIGNALS_A_START),
      );
      sent += await replay.signalAt(moments);
      await replay.said('replaying ');
      expect(replay.listeners()).toEqual([]);
      expect(await end(replay.child)).toEqual({ code: 0, signal: null });
      expect(replay.stderr).not.toContain('Debugger');
    }
    expect(sent).toBe(STARTS * SIGNALS_A_START);
  });

  test('prints the summary of a replay', async () => {
    const replay = startReplay();
    await replay.printed(' ms  TCP ');
    replay.child.kill('SIGUSR1');
    await replay.said('1 sample of 1 flow');
    expect(replay.listeners()).toEqual([]);
  });

  test('does nothing to a command that has no summary', async () => {
    const report = start(['report', '-', '-o', inFolder('page.html')]);
    await report.reads();
    report.child.kill('SIGUSR1');
    const ended = await end(report.child);
    expect({ ...ended, stderr: report.stderr }).toEqual({
      code: 2,
      signal: null,
      stderr: 'pping: standard input is empty\n',
    });
  });
});

/** From when Node catches the signal until pping has begun, in ms. */
async function spanOfStart(replay: Started): Promise<number> {
  await replay.catches('SIGUSR1');
  const caught = performance.now();
  await replay.said('replaying ');
  return performance.now() - caught;
}
