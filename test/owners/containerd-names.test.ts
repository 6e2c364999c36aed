import { expect, test } from '@jest/globals';
import { ContainerdNames } from '../../src/owners/containerd-names.js';
import { containerId } from '../helpers/runner/containers.js';
import { useHostTree } from '../helpers/runner/host-tree.js';

const tree = useHostTree();
const ID = containerId('c0');
const TASKS = '/run/containerd/io.containerd.runtime.v2.task';
const NONE = { containerName: undefined, podName: undefined, namespace: undefined };

const CRI = {
  'io.kubernetes.cri.container-name': 'app',
  'io.kubernetes.cri.container-type': 'container',
  'io.kubernetes.cri.image-name': 'registry.example/app:1',
  'io.kubernetes.cri.sandbox-id': containerId('c1'),
  'io.kubernetes.cri.sandbox-name': 'cart-7d9f',
  'io.kubernetes.cri.sandbox-namespace': 'shop',
};
const NERDCTL = { 'nerdctl/name': 'web', 'nerdctl/namespace': 'default' };

const find = () => new ContainerdNames(tree.files()).find({ container: ID, pod: undefined });

function config(namespace: string, annotations: unknown): void {
  const process = { env: ['PASSWORD=hunter2'], args: ['/bin/app'] };
  const content = { ociVersion: '1.1.0', process, root: {}, annotations };
  tree.file(`${TASKS}/${namespace}/${ID}/config.json`, content);
}

test('what the CRI plugin leaves in the annotations is all three names', () => {
  tree.folder(`${TASKS}/moby`);
  config('k8s.io', CRI);
  expect(find()).toEqual({ containerName: 'app', podName: 'cart-7d9f', namespace: 'shop' });
});

test('what nerdctl leaves there is the name', () => {
  config('default', NERDCTL);
  expect(find()).toEqual({ containerName: 'web' });
});

test('nerdctl may run some in the namespace of Kubernetes', () => {
  config('k8s.io', NERDCTL);
  expect(find()).toEqual({ ...NONE, containerName: 'web' });
});

test('elsewhere an image may say what it likes in words of Kubernetes', () => {
  config('default', { ...CRI, ...NERDCTL });
  expect(find()).toEqual({ containerName: 'web' });
  config('default', CRI);
  expect(find().containerName).toBeUndefined();
});

test.each([undefined, null, [], 'text', { 'io.kubernetes.cri.container-name': 7 }, {}])(
  'annotations of %j have none',
  (annotations) => {
    config('k8s.io', annotations);
    expect(find()).toEqual(NONE);
  },
);

test('a file that is being written, or there no more, has none', () => {
  tree.file(`${TASKS}/k8s.io/${ID}/config.json`, '{"annotations":{"io.kubern');
  expect(find()).toEqual(NONE);
  expect(
    new ContainerdNames(tree.files()).find({ container: containerId('c9'), pod: undefined }),
  ).toEqual({});
});
