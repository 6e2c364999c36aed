/** Names are found while lines go on; little is asked, and nothing twice. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { cleanName, FoundNames } from '../../src/resolver/found-names.js';

const MINUTE = 60_000;

/** Name servers that answer when they are told to. */
class Servers {
  readonly asked: string[] = [];
  readonly #open = new Map<string, PromiseWithResolvers<readonly string[]>>();
  isCancelled = false;

  readonly known = (address: string) => (address === '127.0.0.1' ? 'localhost' : undefined);

  readonly reverse = (address: string): Promise<readonly string[]> => {
    this.asked.push(address);
    return new Promise((resolve, reject) => this.#open.set(address, { resolve, reject }));
  };

  readonly cancel = () => {
    this.isCancelled = true;
  };

  async answer(address: string, ...names: readonly string[]): Promise<void> {
    this.#open.get(address)?.resolve(names);
    await turns();
  }

  async fail(address: string): Promise<void> {
    this.#open.get(address)?.reject(new Error('ETIMEOUT'));
    await turns();
  }
}

interface PromiseWithResolvers<Value> {
  resolve(value: Value): void;
  reject(error: Error): void;
}

/** Whatever waits for an answer has had its turn. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

afterEach(() => {
  jest.useRealTimers();
});

function setUp() {
  jest.useFakeTimers();
  const servers = new Servers();
  return { servers, names: new FoundNames(servers) };
}

const hosts = (count: number) =>
  Array.from({ length: count }, (_, at) => `10.0.${at >> 8}.${at & 255}`);

describe('a name', () => {
  test('is there once it was found, and then changes what was shown before', async () => {
    const { servers, names } = setUp();
    expect(names.nameOf('192.0.2.1')).toBeUndefined();
    const before = names.changes;
    await servers.answer('192.0.2.1', 'db1.example', 'other.example');
    expect(names.nameOf('192.0.2.1')).toBe('db1.example');
    expect(names.changes).toBeGreaterThan(before);
    expect(servers.asked).toEqual(['192.0.2.1']);
  });

  test('that is known here is there at once, and nobody is asked', () => {
    const { servers, names } = setUp();
    expect(names.nameOf('127.0.0.1')).toBe('localhost');
    expect(servers.asked).toEqual([]);
  });

  test('that is not there is asked for again after minutes only, and changes nothing', async () => {
    const { servers, names } = setUp();
    names.nameOf('192.0.2.1');
    await servers.fail('192.0.2.1');
    expect(names.changes).toBe(0);
    jest.advanceTimersByTime(4 * MINUTE);
    expect([names.nameOf('192.0.2.1'), servers.asked.length]).toEqual([undefined, 1]);
    jest.advanceTimersByTime(2 * MINUTE);
    // Who has kept an address in a text comes back for it.
    expect(names.changes).toBe(1);
    expect([names.nameOf('192.0.2.1'), servers.asked.length]).toEqual([undefined, 2]);
  });

  test('stays where nobody answers any more, and goes where there is another, or none', async () => {
    const { servers, names } = setUp();
    names.nameOf('192.0.2.1');
    await servers.answer('192.0.2.1', 'old.example');
    jest.advanceTimersByTime(6 * MINUTE);
    expect(names.nameOf('192.0.2.1')).toBe('old.example');
    await servers.fail('192.0.2.1');
    expect(names.nameOf('192.0.2.1')).toBe('old.example');
    jest.advanceTimersByTime(6 * MINUTE);
    names.nameOf('192.0.2.1');
    await servers.answer('192.0.2.1', 'new.example');
    expect(names.nameOf('192.0.2.1')).toBe('new.example');
    jest.advanceTimersByTime(6 * MINUTE);
    names.nameOf('192.0.2.1');
    await servers.answer('192.0.2.1');
    expect(names.nameOf('192.0.2.1')).toBeUndefined();
  });
});

describe('of many hosts', () => {
  test('8 are asked for at a time, and the others when it is their turn', async () => {
    const { servers, names } = setUp();
    for (const host of hosts(20)) names.nameOf(host);
    expect(servers.asked).toEqual(hosts(8));
    await servers.answer('10.0.0.3', 'three.example');
    expect(servers.asked).toEqual(hosts(9));
  });

  test('those for which there is no room wait until they are asked for again', async () => {
    const { servers, names } = setUp();
    for (const host of hosts(8 + 256 + 1)) names.nameOf(host);
    for (const host of hosts(8 + 256 + 1)) await servers.fail(host);
    expect(servers.asked).toEqual(hosts(8 + 256));
    names.nameOf('10.0.1.8');
    expect(servers.asked).toHaveLength(8 + 256 + 1);
  });

  test('4096 are remembered', async () => {
    const { servers, names } = setUp();
    for (const host of hosts(4_097)) {
      names.nameOf(host);
      await servers.answer(host, 'x.example');
    }
    expect(names.nameOf('10.0.16.0')).toBe('x.example');
    expect(names.nameOf('10.0.0.0')).toBeUndefined();
  });
});

describe('the end of a run', () => {
  test('waits until the names that it needs are found, and for no others', async () => {
    const { servers, names } = setUp();
    for (const host of hosts(12)) names.nameOf(host);
    let isSettled = false;
    const settled = names.settle(['10.0.0.1', '192.0.2.1'], 1_000).then(() => {
      isSettled = true;
    });
    await servers.answer('10.0.0.1', 'one.example');
    // What had to wait for its turn was given up.
    expect([isSettled, servers.asked.slice(8)]).toEqual([false, ['192.0.2.1']]);
    await servers.answer('192.0.2.1', 'db1.example');
    await settled;
    expect(names.nameOf('192.0.2.1')).toBe('db1.example');
  });

  test('waits no longer than it was told to', async () => {
    const { names } = setUp();
    const settled = names.settle(['192.0.2.1'], 1_000);
    await jest.advanceTimersByTimeAsync(1_000);
    await settled;
    expect(names.nameOf('192.0.2.1')).toBeUndefined();
  });

  test('does not wait where all is known', async () => {
    const { names } = setUp();
    await names.settle(['127.0.0.1'], 1_000);
    expect(jest.getTimerCount()).toBe(1);
  });

  test('gives up what is asked for, and asks for nothing more', () => {
    const { servers, names } = setUp();
    for (const host of hosts(12)) names.nameOf(host);
    names.close();
    names.nameOf('192.0.2.1');
    expect([servers.isCancelled, servers.asked, jest.getTimerCount()]).toEqual([true, hosts(8), 0]);
  });
});

describe('whoever owns an address may name it', () => {
  test.each(['db1.example', 'a_b-c.example', '1.2.0.192.dyn.example', 'x'])('%s', (name) => {
    expect(cleanName(name)).toBe(name);
  });

  test.each([
    ['an address', '192.0.2.7'],
    ['a port', 'a.example:443'],
    ['another end', 'a.example > b.example'],
    ['what a terminal obeys', '\u001b[2J.example'],
    ['what turns text around', 'a\u202e.example'],
    ['an option', '-x'],
    ['nothing', ''],
  ])('but not as %s', (_, name) => expect(cleanName(name)).toBeUndefined());

  test('a long one is cut', () => {
    expect(cleanName('a'.repeat(64))).toBe('a'.repeat(64));
    expect(cleanName(`${'a'.repeat(60)}.example`)).toBe(`${'a'.repeat(60)}....`);
  });
});
