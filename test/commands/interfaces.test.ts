/** Captures that name the interfaces they were taken at. */
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { replayHere } from '../helpers/command/in-process.js';
import { conversation } from '../helpers/core/replayed.js';
import { Pcapng } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const MILLISECOND = 1_000_000n;
const NAME = 2;
const RESOLUTION = 9;

/** One connection, seen at each of the interfaces, at each a millisecond later than at the one before. */
function capture(file: string, ...names: (string | undefined)[]): string {
  const blocks = new Pcapng();
  const nanoseconds = blocks.option(RESOLUTION, Buffer.from([9]));
  const interfaces = names.map((name) => {
    const named = name === undefined ? [] : [blocks.option(NAME, Buffer.from(name))];
    return blocks.interface(1, Buffer.concat([nanoseconds, ...named]));
  });
  const packets = conversation(1).flatMap(({ time, frame }) =>
    names.map((_, at) => ({ index: at, time: time + BigInt(at) * MILLISECOND, frame })),
  );
  const records = packets.map(({ index, time, frame }) => blocks.packet(index, time, frame));
  writeFileSync(inFolder(file), Buffer.concat([blocks.section(), ...interfaces, ...records]));
  return inFolder(file);
}

const replay = (...args: string[]) => replayHere([...args, '--rate', '0']);

async function objects(...args: string[]) {
  const { lines } = await replay(...args, '--format', 'ndjson');
  return lines.map((line) => JSON.parse(line)).filter(({ type }) => type !== 'summary');
}

/** Of lines for people, what comes behind the connection. */
async function ends(...args: string[]): Promise<string[]> {
  const { lines } = await replay(...args);
  return lines.map((line) => line.replace(/.*:443( already open)?/, ''));
}

describe('of several interfaces', () => {
  test('lines for people end with the name', async () => {
    const path = capture('two.pcapng', 'eth0', 'wan');
    expect(await ends('-r', path)).toEqual(['  eth0', '  wan', '  eth0', '  wan']);
  });

  test('NDJSON and CSV have it in a field', async () => {
    const path = capture('two.pcapng', 'eth0', 'wan');
    const told = (await objects('-r', path)).map(({ type, interface: name }) => [type, name]);
    expect(told).toEqual([
      ['flow', 'eth0'],
      ['flow', 'wan'],
      ['rtt', 'eth0'],
      ['rtt', 'wan'],
    ]);
    const { lines } = await replay('-r', path, '--format', 'csv');
    expect(lines.map((line) => line.split(',')[1])).toEqual(['interface', 'eth0', 'wan']);
  });

  test('one without a name has none', async () => {
    const path = capture('three.pcapng', 'eth0', undefined, 'wan');
    const names = (await objects('-r', path)).map(({ interface: name }) => name);
    expect(names).toEqual(['eth0', undefined, 'wan', 'eth0', undefined, 'wan']);
    expect((await ends('-r', path)).slice(0, 3)).toEqual(['  eth0', '', '  wan']);
  });

  test('a name is harmless, whoever has chosen it', async () => {
    const path = capture('two.pcapng', 'e\x1b[2J', 'wan');
    expect((await ends('-r', path))[0]).not.toContain('\x1b');
    expect((await objects('-r', path))[0]).toMatchObject({ interface: 'e\x1b[2J' });
  });
});

test('of one interface only programs are told', async () => {
  const path = capture('one.pcapng', 'eth0');
  expect(await ends('-r', path)).toEqual(['', '']);
  expect((await objects('-r', path)).map(({ interface: name }) => name)).toEqual(['eth0', 'eth0']);
});

test('of several captures each line has the capture and its interface', async () => {
  const [a, b] = [capture('a.pcapng', 'eth0'), capture('b.pcapng', 'wan')];
  const told = (await ends('-r', a, '-r', b)).map((end) => end.trim()).sort();
  expect(told).toEqual([`${a} eth0`, `${a} eth0`, `${b} wan`, `${b} wan`]);
});

describe('the summary tells the RTTs of each place', () => {
  test('where there are several interfaces', async () => {
    const path = capture('two.pcapng', 'eth0', 'wan');
    const { stderr } = await replay('-r', path);
    expect(stderr).toContain(
      '2 samples of 2 flows; a connection counts at each place where it was seen\n',
    );
    expect(stderr).toContain(
      [
        '  RTT in ms                   RTTs      min      p50      p90      p99      max',
        '  all                            2     5.43     5.43     5.43     5.43     5.43',
        '  seen at eth0                   1     5.43     5.43     5.43     5.43     5.43',
        '  seen at wan                    1     5.43     5.43     5.43     5.43     5.43',
        '',
      ].join('\n'),
    );
    const { lines } = await replay('-r', path, '--format', 'ndjson');
    const { unknown } = JSON.parse(lines.at(-1) ?? '');
    expect(unknown.places).toMatchObject([
      { interface: 'eth0', reported: 1, rtt_min: 5_432_100, rtt_max: 5_432_100 },
      { interface: 'wan', reported: 1, rtt_min: 5_432_100, rtt_max: 5_432_100 },
    ]);
  });

  test('or several captures', async () => {
    const [a, b] = [capture('a.pcapng', 'eth0'), capture('b.pcapng', 'wan')];
    const { lines } = await replay('-r', a, '-r', b, '--format', 'ndjson');
    const { unknown } = JSON.parse(lines.at(-1) ?? '');
    expect(unknown.places).toMatchObject([
      { capture: a, interface: 'eth0', reported: 1 },
      { capture: b, interface: 'wan', reported: 1 },
    ]);
  });

  test('and not where there is but one', async () => {
    const path = capture('one.pcapng', 'eth0');
    const { stderr } = await replay('-r', path);
    expect(stderr).not.toContain('seen at');
    const { lines } = await replay('-r', path, '--format', 'ndjson');
    expect(JSON.parse(lines.at(-1) ?? '').unknown).not.toHaveProperty('places');
  });
});
