/** Files that others have named: no terminal obeys their names, and each message stays one line. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { linesOf } from '../helpers/command/cli.js';
import { type Outcome, replayHere, runHere } from '../helpers/command/in-process.js';
import { rttLine } from '../helpers/events/runs.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

/** Clears the screen, begins a line, is a C1 control, turns the text around. */
const NAME = 'a\u001b[2J\nb\u009b2J\u202eü';
const SHOWN = 'a\\u001b[2J\\u000ab\\u009b2J\\u202e\\u00fc';
const CAPTURE = readFileSync(join(repositoryRoot, 'examples/lab.pcap'));
const inFolder = useTemporaryFolder();

async function lineOf(args: readonly string[], code: number): Promise<string> {
  const writes = args[0] === '-r' && !args.includes('-o') && !args.includes('-q');
  const ended = await (writes ? replayHere : runHere)(args);
  expect(ended.code).toBe(code);
  expectHarmless(ended);
  return linesOf(ended.stderr)[0] ?? '';
}

function expectHarmless({ stderr }: Outcome): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is not to be there
  expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(linesOf(stderr).filter((line) => line.startsWith('b\\u009b'))).toEqual([]);
}

describe('a name that a terminal would obey, in what is said', () => {
  test.each([
    ['of a capture that is not there', ['-r']],
    ['of a run that is not there', ['report', '-o', 'none.html']],
  ])('%s', async (_, args) => {
    const path = inFolder(NAME);
    const line = await lineOf([...args, path], 2);
    expect(line).toBe(`pping: ${inFolder(SHOWN)}: no such file`);
  });

  test('of a capture, of a damaged one, and of one that is none', async () => {
    const path = inFolder(NAME);
    writeFileSync(path, CAPTURE);
    expect(await lineOf(['-r', path, '-q'], 0)).not.toContain('replaying');
    expect(await lineOf(['-r', path], 0)).toContain(`replaying ${inFolder(SHOWN)}, `);
    writeFileSync(path, CAPTURE.subarray(0, -3));
    await lineOf(['-r', path], 1);
    writeFileSync(path, CAPTURE.subarray(0, 9));
    expect(await lineOf(['-r', path], 1)).toContain(`${SHOWN} is cut short`);
    writeFileSync(path, 'no capture');
    await lineOf(['-r', path], 2);
    mkdirSync(`${path}d`);
    expect(await lineOf(['-r', `${path}d`], 2)).toContain(`${SHOWN}d: is a directory`);
  });

  test('of an output, and of one in a folder that is not there', async () => {
    const capture = inFolder('lab.pcap');
    writeFileSync(capture, CAPTURE);
    await lineOf(['-r', capture, '-o', inFolder(NAME)], 0);
    const line = await lineOf(['-r', capture, '-o', join(inFolder(`${NAME}d`), 'x')], 2);
    expect(line).toContain(`${inFolder(SHOWN)}d/x: no such directory`);
  });

  test('of a run, and of the report that is made of it', async () => {
    const path = inFolder(`${NAME}.ndjson`);
    writeFileSync(path, '');
    expect(await lineOf(['report', path], 2)).toContain(`${SHOWN}.ndjson is empty`);
    writeFileSync(path, rttLine({ atMs: 1, rtt: 1e6 }));
    expect(await lineOf(['report', path], 0)).toContain(`${SHOWN}.html: 1 sample`);
    expect(await lineOf(['report', path, '-o', path], 2)).toContain(
      'would overwrite its own input',
    );
  });

  test.each([['-i'], ['--rate'], ['--until'], ['--cgroup'], ['--format']])(
    'given to %s',
    async (option) => {
      await lineOf([option, NAME, '-i', 'none'], 2);
    },
  );

  test('that is no argument of any', async () => {
    await lineOf([NAME], 2);
    await lineOf([`--${NAME}`], 2);
  });
});
