import { expect, test } from '@jest/globals';
import { findRuntimeNames, type RuntimeNames } from '../../src/owners/runtime-names.js';
import { runtimeNamesSources } from '../../src/owners/runtime-names-sources.js';
import { asciiText } from '../../src/text/ascii.js';
import { containerId } from '../helpers/runner/containers.js';
import { useHostTree } from '../helpers/runner/host-tree.js';

const ID = containerId('a0');
const UID = '8f3a1e5c-1111-4000-8000-00000000beef';
const IDS = { container: ID, pod: UID };

const tree = useHostTree();

function sourcesOf(...told: RuntimeNames[]) {
  const asked: number[] = [];
  const sources = told.map((names, index) => ({
    find: () => {
      asked.push(index);
      return names;
    },
  }));
  return { asked, sources };
}

test('of each name the first is told, and no more is asked than it takes', () => {
  const { sources, asked } = sourcesOf(
    { containerName: undefined, podName: 'cart', namespace: 'shop' },
    { containerName: 'app', podName: 'other' },
    { containerName: 'later' },
  );
  expect(findRuntimeNames(sources, IDS)).toEqual({
    containerName: 'app',
    podName: 'cart',
    namespace: 'shop',
  });
  expect(asked).toEqual([0, 1]);
});

test('a container that is in no pod needs its own name alone', () => {
  const { sources, asked } = sourcesOf({ containerName: 'web' }, {});
  const found = findRuntimeNames(sources, { container: ID, pod: undefined });
  expect(found).toEqual({ containerName: 'web' });
  expect(asked).toEqual([0]);
});

test.each(['x'.repeat(5_000), '\u001b[2J'.repeat(100), '網'.repeat(300), '\ud800'.repeat(300)])(
  'what is too long to be shown is cut',
  (name) => {
    const { sources } = sourcesOf({ containerName: name, podName: name, namespace: name });
    for (const each of Object.values(findRuntimeNames(sources, IDS))) {
      expect(asciiText(each ?? '').length).toBeLessThanOrEqual(256);
      expect(each).toContain('...');
    }
  },
);

test('on a machine with all of them each container has the name of its own runtime', () => {
  const [docker, nerdctl, podman] = [containerId('1'), containerId('2'), containerId('3')];
  const tasks = '/run/containerd/io.containerd.runtime.v2.task';
  tree.link(`/var/log/containers/cart_shop_app-${ID}.log`, '/nowhere');
  tree.folder(`/var/log/pods/shop_cart_${UID}`);
  tree.file(`/var/lib/docker/containers/${docker}/config.v2.json`, { Name: '/d' });
  tree.file(`${tasks}/moby/${docker}/config.json`, { annotations: {} });
  tree.file(`${tasks}/default/${nerdctl}/config.json`, { annotations: { 'nerdctl/name': 'n' } });
  tree.file('/var/lib/containers/storage/overlay-containers/containers.json', [
    { id: podman, names: ['p'] },
  ]);
  const sources = runtimeNamesSources(tree.files());
  const nameOf = (container: string) =>
    findRuntimeNames(sources, { container, pod: undefined }).containerName;
  expect([docker, nerdctl, podman, ID].map(nameOf)).toEqual(['d', 'n', 'p', 'app']);
  expect(findRuntimeNames(sources, { container: undefined, pod: UID })).toEqual({
    podName: 'cart',
    namespace: 'shop',
  });
});

test('on a machine with none of them nothing has a name', () => {
  expect(findRuntimeNames(runtimeNamesSources(tree.files()), IDS)).toEqual({});
});
