/** What costs must not grow unnoticed, and is no time: code, memory, events, cache lines. Bounds: test/helpers/kernel/bounds.ts. */
import { release } from 'node:os';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { OBJECT_PATH } from '../../lab/kernel/kernel.js';
import { mapMemory } from '../../lab/map-memory.js';
import { flowTableBytes } from '../../src/core/flow-table.js';
import { FLOW_EVENT, OVERDUE_EVENT, RTT_EVENT, SIZE } from '../../src/core/layouts.js';
import { MAP_ENTRY, mapBytes } from '../../src/core/map-memory.js';
import { programInfo } from '../../src/libbpf/info.js';
import type { BpfObject } from '../../src/libbpf/object.js';
import { ETHERNET, loadPrograms } from '../../src/live/programs.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import { DEFAULT_CAPACITY } from '../../src/sampling/policy.js';
import {
  CACHE_LINES,
  EMPTY_MAPS,
  FOUND_WITH,
  MARGIN,
  PROGRAMS,
  SIZES,
} from '../helpers/kernel/bounds.js';
import { compilerOf, holdTo, marginOf } from '../helpers/kernel/budget.js';
import { cacheLines, type Path } from '../helpers/kernel/cache-lines.js';

const NAMES = Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[];
const CAPACITIES = {
  'by default': DEFAULT_CAPACITY,
  '--max-flows 1024 --max-timestamps 1024': { flows: 1_024, timestamps: 1_024 },
} as const;
const margin = marginOf(OBJECT_PATH);

function load(capacity: typeof DEFAULT_CAPACITY): Promise<BpfObject> {
  return loadPrograms(ETHERNET, { capacity, filter: NO_FILTER });
}

describe('the gate', () => {
  const bound = { was: 100, why: 'it is dear' };

  test('lets pass what grows a little', () => holdTo('code', bound, 103, MARGIN));

  test('says what grew, from what to what, and where its bound is', () =>
    expect(() => holdTo('code', bound, 104, MARGIN)).toThrow(
      /^code: grew from 100 to 104 \(\+4\.0 %\).*it is dear.*test\/helpers\/kernel\/bounds\.ts/,
    ));

  test('knows the compiler', () => expect(compilerOf(OBJECT_PATH)).toMatch(/^\d+$/));
});

describe.each(NAMES)('%s', (name) => {
  const bounds = PROGRAMS[name];
  let info: ReturnType<typeof programInfo>;
  beforeAll(async () => {
    const object = await load(DEFAULT_CAPACITY);
    info = programInfo(object.program(name));
    object.close();
  });
  const hold = (what: keyof typeof bounds, value: number) => {
    expect(value).toBeGreaterThan(0);
    holdTo(`${name}, ${what}`, bounds[what], value, margin);
  };

  test('its instructions', () => hold('instructions', info.instructions));

  test('what the verifier follows of them', () =>
    hold('instructions that the verifier follows', info.followed));

  const onSame = process.arch === FOUND_WITH.architecture ? test : test.skip;
  onSame(`its machine code, on ${FOUND_WITH.architecture}`, () =>
    hold('bytes of machine code', info.jitedBytes),
  );
});

describe('the maps, empty', () => {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const areCounted = major > 6 || (major === 6 && minor >= 4);
  const whereCounted = areCounted ? test : test.skip;

  whereCounted.each(Object.entries(CAPACITIES))(
    '%s (kernels before 6.4 count what full ones would take)',
    async (name, capacity) => {
      const object = await load(capacity);
      const bytes = mapMemory(NAMES.map((program) => object.program(program)));
      object.close();
      const bound = EMPTY_MAPS[name as keyof typeof EMPTY_MAPS];
      holdTo(`maps ${name}, bytes`, bound, bytes, margin);
    },
  );
});

describe('sizes', () => {
  const entry = (of: keyof typeof MAP_ENTRY) =>
    mapBytes(1, MAP_ENTRY[of]) - mapBytes(0, MAP_ENTRY[of]);
  const sizes: Record<keyof typeof SIZES, number> = {
    'an RTT event': RTT_EVENT.sentLosses,
    'an RTT event with losses': RTT_EVENT.size,
    'a flow event': FLOW_EVENT.size,
    'an overdue event': OVERDUE_EVENT.size,
    'a flow, in its table': flowTableBytes(DEFAULT_CAPACITY.flows) / DEFAULT_CAPACITY.flows,
    'a waiting timestamp': entry('timestamps'),
    "a flow's losses": entry('losses'),
  };

  test.each(Object.entries(sizes))('%s', (name, bytes) =>
    holdTo(`${name}, bytes`, SIZES[name as keyof typeof SIZES], bytes, 0),
  );
});

describe('cache lines of a flow', () => {
  const [OWN, OTHER] = [0, 1];
  /** A cell's key comes before it (bpf/kernel/flow_cells.h). */
  const START = SIZE.flowKey;
  const TYPES = { direction: 'direction', samples: 'samples', slot: 'question' };
  const ANY: readonly Path[] = [
    ...['life', 'known', 'successor', 'doubted_reset'].map((field) => [field]),
    ...['last_seen', 'packets', 'next_seq', 'ack', 'latest', 'echoed'].map((field) => [
      'direction',
      OWN,
      field,
    ]),
    ['samples', OTHER, 'slot', 'time'],
    ['samples', OTHER, 'mapped'],
  ];
  const OF_DATA = [
    'bytes',
    'identifier',
    'identifier_time',
    'window_start',
    'window_time',
    'candidates',
  ];
  const READ: Record<keyof typeof CACHE_LINES, readonly Path[]> = {
    'data, no sample due': [
      ...ANY,
      ['marks'],
      ...OF_DATA.map((field) => ['direction', OWN, field]),
    ],
    'a pure ACK that answers nothing': [...ANY, ['direction', OWN, 'identifier_time']],
  };

  test.each(Object.entries(READ))('%s', (name, paths) => {
    const lines = cacheLines(OBJECT_PATH, 'flow', START, TYPES, paths);
    holdTo(`cache lines, ${name}`, CACHE_LINES[name as keyof typeof CACHE_LINES], lines, 0);
  });
});
