import { describe, expect, test } from '@jest/globals';
import { ContainersStorageNames } from '../../src/owners/containers-storage-names.js';
import { containerId } from '../helpers/runner/containers.js';
import { useHostTree } from '../helpers/runner/host-tree.js';

const tree = useHostTree();
const ID = containerId('b0');
const GRAPH = '/var/lib/containers/storage/overlay-containers';
const RUN = '/run/containers/storage/overlay-containers';

const find = (names = new ContainersStorageNames(tree.files())) =>
  names.find({ container: ID, pod: undefined });

/** As of Podman. */
const listOf = (...names: (readonly string[] | undefined)[]) =>
  names.map((each, index) => ({
    id: index === names.length - 1 ? ID : containerId(`b${index + 1}`),
    names: each,
    image: containerId('e0'),
    layer: containerId('e1'),
    metadata: '{"image-name":"docker.io/library/nginx:latest","name":"other"}',
    created: '2026-11-29T20:00:00.000000000Z',
    flags: { MountLabel: '' },
  }));

describe('of Podman', () => {
  test.each([
    `${GRAPH}/containers.json`,
    `${GRAPH}/volatile-containers.json`,
    `${RUN}/volatile-containers.json`,
  ])('%s has the name', (path) => {
    tree.file(path, listOf(['db'], ['web']));
    expect(find().containerName).toBe('web');
  });

  test('a container that comes later is found', () => {
    const names = new ContainersStorageNames(tree.files());
    tree.file(`${GRAPH}/containers.json`, listOf(['db'], ['web']).slice(0, 1));
    tree.settle(`${GRAPH}/containers.json`);
    expect(find(names).containerName).toBeUndefined();
    tree.file(`${GRAPH}/containers.json`, listOf(['db'], ['web']));
    expect(find(names).containerName).toBe('web');
  });

  test.each([
    ['cut off', JSON.stringify(listOf(['web'])).slice(0, -5)],
    ['no list', { id: ID, names: ['web'] }],
    ['a list of others', [null, 7, 'text', [], { id: 7, names: ['web'] }]],
    ['without names', listOf(undefined)],
    ['without a name', listOf([])],
    ['too long', `${' '.repeat(2 ** 21)}${JSON.stringify(listOf(['web']))}`],
  ])('a list that is %s is of no use', (_, content) => {
    tree.file(`${GRAPH}/containers.json`, content);
    expect(find().containerName).toBeUndefined();
  });

  test('a name of any length is kept bounded', () => {
    tree.file(`${GRAPH}/containers.json`, listOf(['x'.repeat(100_000)]));
    expect(find().containerName).toHaveLength(256);
  });
});

describe('of CRI-O', () => {
  const ANNOTATIONS = {
    'io.kubernetes.cri-o.Name': 'k8s_app_cart-7d9f_shop_8f3a1e5c_0',
    'io.kubernetes.container.name': 'app',
    'io.kubernetes.pod.name': 'cart-7d9f',
    'io.kubernetes.pod.namespace': 'shop',
  };

  test('the labels of the kubelet come before the name in the list', () => {
    tree.file(`${GRAPH}/${ID}/userdata/config.json`, { annotations: ANNOTATIONS });
    tree.file(`${GRAPH}/containers.json`, listOf(['k8s_app_cart-7d9f_shop_8f3a1e5c_0']));
    expect(find()).toEqual({ containerName: 'app', podName: 'cart-7d9f', namespace: 'shop' });
  });

  test('without them, as of Podman, the list has the name', () => {
    tree.file(`${GRAPH}/${ID}/userdata/config.json`, { annotations: { other: 'x' } });
    tree.file(`${GRAPH}/containers.json`, listOf(['web']));
    expect(find().containerName).toBe('web');
  });
});
