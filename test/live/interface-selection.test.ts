import { expect, test } from '@jest/globals';
import { InterfaceSelection } from '../../src/live/interface-selection.js';

const LINKS = [
  { name: 'lo', isUp: true, isLoopback: true },
  { name: 'eth0', alternativeNames: ['enp1s0'], isUp: true, isLoopback: false },
  { name: 'eth1', isUp: false, isLoopback: false },
  { name: 'veth1', isUp: true, isLoopback: false },
  { name: 'any', isUp: true, isLoopback: false },
  { name: 'e*', isUp: true, isLoopback: false },
];

/** The names of those that are selected, where nothing has a name like a pattern. */
function selected(included: readonly string[], excluded: readonly string[] = []): string[] {
  const selection = new InterfaceSelection({ included, excluded });
  return LINKS.slice(0, 4)
    .filter((link) => selection.matches(link))
    .map(({ name }) => name);
}

test.each([
  [['eth0'], [], ['eth0']],
  [['eth1', 'lo'], [], ['lo', 'eth1']],
  [['enp1s0'], [], ['eth0']],
  [['eth'], [], []],
  [['*eth*'], [], ['eth0', 'eth1', 'veth1']],
  [['enp*'], [], []],
  [['any'], [], ['eth0', 'veth1']],
  [['any', 'lo'], [], ['lo', 'eth0', 'veth1']],
  [['any', 'eth1'], [], ['eth0', 'eth1', 'veth1']],
  [['*'], [], ['eth0', 'eth1', 'veth1']],
  [['?o', '[l]o'], [], []],
  [['l*'], [], ['lo']],
  [['any'], ['veth*'], ['eth0']],
  [
    ['*', 'lo'],
    ['*o', 'enp1s0'],
    ['eth1', 'veth1'],
  ],
  [['any'], ['any'], ['eth0', 'veth1']],
  [['eth0'], ['eth?'], []],
  [['any'], ['*'], []],
  [[], [], []],
])('of %j without %j: %j', (included, excluded, names) => {
  expect(selected(included, excluded)).toEqual(names);
});

test('a name that is there is no pattern and not all interfaces', () => {
  const words = { included: ['any', 'e*'], excluded: [] };
  const selection = new InterfaceSelection(words, ['any', 'e*']);
  expect(LINKS.filter((link) => selection.matches(link)).map(({ name }) => name)).toEqual([
    'any',
    'e*',
  ]);
  expect(selection).toMatchObject({ literals: ['any', 'e*'], isOpen: false });
  const excluding = new InterfaceSelection({ included: ['e*', 'eth1'], excluded: ['e*'] }, ['e*']);
  expect(LINKS.filter((link) => excluding.matches(link)).map(({ name }) => name)).toEqual(['eth1']);
});

test.each([
  [['eth0', 'lo', 'eth0'], ['eth0', 'lo'], false],
  [['eth0', 'veth*'], ['eth0'], true],
  [['any', 'lo'], ['lo'], true],
  [[], [], false],
])('%j names %j; open: %p', (included, literals, isOpen) => {
  const selection = new InterfaceSelection({ included, excluded: ['veth*'] });
  expect(selection).toMatchObject({ literals, isOpen });
});

test('tells what is excluded, whether it was included or not', () => {
  const selection = new InterfaceSelection({ included: ['eth0'], excluded: ['*0', 'lo'] });
  expect(LINKS.filter((link) => selection.excludes(link)).map(({ name }) => name)).toEqual([
    'lo',
    'eth0',
  ]);
});
