import { describe, expect, test } from '@jest/globals';
import { KubernetesNames } from '../../src/owners/kubernetes-names.js';
import { containerId } from '../helpers/runner/containers.js';
import { useHostTree } from '../helpers/runner/host-tree.js';

const tree = useHostTree();
const ID = containerId('a1');
const UID = '8f3a1e5c-1111-4000-8000-00000000beef';
const STATIC_UID = '0123456789abcdef0123456789abcdef';

const find = (ids: { container?: string; pod?: string }) =>
  new KubernetesNames(tree.files()).find({ container: undefined, pod: undefined, ...ids });

describe('of a container', () => {
  test('its pod, namespace and name are in the name of its log, whose target is not looked at', () => {
    tree.link(`/var/log/containers/cart-7d9f-x2x_shop_side-car-${ID}.log`, '/nowhere/0.log');
    expect(find({ container: ID })).toEqual({
      podName: 'cart-7d9f-x2x',
      namespace: 'shop',
      containerName: 'side-car',
    });
  });

  test.each([
    `cart_shop_app-${ID.slice(1)}.log`,
    `cart_shop_app-${ID}.lo`,
    `cart_shop-${ID}.log`,
    `a_b_c_d-${ID}.log`,
    `${ID}.log`,
    `cart_shop_-${ID}.log`,
  ])('%s is none', (name) => {
    tree.file(`/var/log/containers/${name}`, '');
    expect(find({ container: ID })).toEqual({});
  });

  test('a log that comes later is found', () => {
    tree.folder('/var/log/containers');
    tree.settle('/var/log/containers');
    const names = new KubernetesNames(tree.files());
    const ids = { container: ID, pod: undefined };
    expect(names.find(ids)).toEqual({});
    tree.link(`/var/log/containers/cart_shop_app-${ID}.log`, '/nowhere');
    expect(names.find(ids).containerName).toBe('app');
  });
});

describe('of a pod', () => {
  test.each([UID, STATIC_UID])('%s has its folder of logs', (uid) => {
    tree.folder(`/var/log/pods/kube-system_etcd.node-1_${uid}`);
    expect(find({ pod: uid })).toEqual({ podName: 'etcd.node-1', namespace: 'kube-system' });
    expect(find({ container: ID, pod: uid })).toEqual({
      podName: 'etcd.node-1',
      namespace: 'kube-system',
    });
  });

  test.each([UID, `shop_${UID}`, `shop_cart_x_${UID}`])('%s is none', (name) => {
    tree.folder(`/var/log/pods/${name}`);
    expect(find({ pod: UID })).toEqual({});
  });
});

test('folders that others may write to are not believed', () => {
  tree.link(`/var/log/containers/cart_shop_app-${ID}.log`, '/nowhere');
  tree.folder(`/var/log/pods/shop_cart_${UID}`);
  for (const folder of ['containers', 'pods']) tree.chmod(`/var/log/${folder}`, 0o777);
  expect(find({ container: ID, pod: UID })).toEqual({});
});
