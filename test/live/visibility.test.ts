import { beforeEach, expect, test } from '@jest/globals';
import type { Hook, Predecessor } from '../../src/core/hooks.js';
import type { Attachment } from '../../src/libbpf/attachment.js';
import { KernelError } from '../../src/libbpf/errors.js';
import type { LinkState } from '../../src/libbpf/link-state.js';
import { Visibility } from '../../src/live/visibility.js';
import type { Sighting } from '../../src/visibility/sightings.js';

const FIRST: Predecessor = { programId: 7, name: 'theirs' };
const SECOND: Predecessor = { programId: 8, name: 'others' };
const EBUSY = 16;
const WATCHED = { name: 'eth0', index: 1 };

/** Who is in front, and who stays there when pping moves. */
let chains: Record<Hook, { inFront: Predecessor[]; fixed: Predecessor[] }>;
let moves: Hook[];
let state: LinkState;
let second: number;
let visibility: Visibility;

beforeEach(() => {
  const nobody = () => ({ inFront: [], fixed: [] });
  chains = { egress: nobody(), ingress: nobody() };
  moves = [];
  const idle = { packets: 0, bytes: 0 };
  state = { egress: idle, ingress: idle, xdp: undefined, isSwitchPort: false, isLoopback: false };
  second = 0;
  const attachment: Attachment = {
    method: 'tcx',
    predecessors: (hook) => [...chains[hook].fixed, ...chains[hook].inFront],
    moveToFront(hook) {
      moves.push(hook);
      chains[hook].inFront = [];
    },
    detached: () => undefined,
    close() {},
    async leave() {},
  };
  visibility = new Visibility(attachment, WATCHED, () => state);
});

/** One second in which the hooks carry 100 packets each, and some of them are seen. */
function look(seen: Record<Hook, boolean> = { egress: true, ingress: true }): Sighting[] {
  second++;
  const carried = { packets: 100 * second, bytes: 10_000 * second };
  state = { ...state, egress: carried, ingress: carried };
  const counted = (hook: Hook) => (seen[hook] ? 100 * second : 0);
  const [egress, ingress] = [counted('egress'), counted('ingress')];
  return visibility.look({ egress, ingress, bytes: 100 * (egress + ingress) }, second * 1_000);
}

const WITHOUT: Record<Hook, Record<Hook, boolean>> = {
  egress: { egress: false, ingress: true },
  ingress: { egress: true, ingress: false },
};

function looks(number: number, seen?: Record<Hook, boolean>): Sighting[] {
  return Array.from({ length: number }, () => look(seen)).flat();
}

test('where all is seen there is nothing to tell, whoever is in front on egress', () => {
  chains.egress.inFront = [FIRST];
  expect(looks(10)).toEqual([]);
  expect(moves).toEqual([]);
  expect(visibility.predecessors()).toEqual({ egress: [FIRST], ingress: [] });
});

test('what is not counted is not compared, but who is in front on ingress is seen', () => {
  for (let at = 0; at < 10; at++) expect(visibility.look(undefined, at * 1_000)).toEqual([]);
  chains.ingress.inFront = [FIRST];
  const found = visibility.look(undefined, 10_000);
  expect(found).toEqual([told({ change: 'moved', hook: 'ingress', predecessors: [FIRST] })]);
});

test('who comes in front on ingress is got in front of, once; after that it is told', () => {
  chains.ingress.inFront = [FIRST];
  expect(look()).toEqual([told({ change: 'moved', hook: 'ingress', predecessors: [FIRST] })]);
  expect(looks(10)).toEqual([]);
  chains.ingress.inFront = [SECOND];
  expect(look()).toEqual([told({ change: 'preceded', hook: 'ingress', predecessors: [SECOND] })]);
  expect(looks(10)).toEqual([]);
  expect(moves).toEqual(['ingress']);
  expect(visibility.sightings).toHaveLength(2);
});

test('on egress only when packets do not arrive', () => {
  chains.egress.inFront = [FIRST];
  expect(looks(5, WITHOUT.egress)).toEqual([
    told({ change: 'moved', hook: 'egress', predecessors: [FIRST] }),
  ]);
  expect(moves).toEqual(['egress']);
});

test('what is still hidden after moving is told, once for each cause', () => {
  chains.egress.fixed = [FIRST];
  const [preceded, hidden, ...more] = looks(20, WITHOUT.egress);
  expect(preceded).toEqual(told({ change: 'preceded', hook: 'egress', predecessors: [FIRST] }));
  const who = { cause: 'program', predecessors: [FIRST] };
  expect(hidden).toMatchObject({ change: 'hidden', hook: 'egress', seenPackets: 0, ...who });
  expect(more).toEqual([]);
  chains.egress.fixed = [];
  state = { ...state, xdp: 5 };
  const causes = looks(5, WITHOUT.egress).map((each) => each.change === 'hidden' && each.cause);
  expect(causes).toEqual(['xdp']);
  expect(moves).toEqual(['egress']);
});

test.each([
  ['xdp', { xdp: 5 }],
  ['hardware', { isSwitchPort: true }],
  ['unknown', {}],
])('where nobody is in front, the cause is: %s', (cause, told) => {
  state = { ...state, ...told };
  expect(looks(6, WITHOUT.ingress)).toMatchObject([{ change: 'hidden', hook: 'ingress', cause }]);
  expect(moves).toEqual([]);
});

test('loopback is not judged: its packets are the same at both hooks', () => {
  state = { ...state, isLoopback: true };
  expect(looks(10, WITHOUT.ingress)).toEqual([]);
});

test('others who come and go without end are not told without end', () => {
  const all = Array.from({ length: 100 }, (_, programId) => {
    chains.ingress.inFront = [{ programId, name: 'theirs' }];
    return look();
  });
  expect(all.flat().length).toBeLessThan(20);
  expect(moves).toEqual(['ingress']);
});

test('what the kernel does not answer now is asked again', () => {
  const asks = [() => state, fail, () => state, () => undefined, () => state];
  const attachment: Attachment = {
    method: 'tcx',
    predecessors: fail,
    moveToFront: fail,
    detached: () => undefined,
    close() {},
    async leave() {},
  };
  const asking = new Visibility(attachment, WATCHED, () => asks.shift()?.());
  const seen = { egress: 0, ingress: 0, bytes: 0 };
  for (let now = 0; now < 5; now++) expect(asking.look(seen, now)).toEqual([]);
  expect(asking.predecessors()).toEqual({ egress: [], ingress: [] });
});

function told(found: object): object {
  return { ...found, interface: WATCHED.name };
}

function fail(): never {
  throw new KernelError('ask', EBUSY);
}
