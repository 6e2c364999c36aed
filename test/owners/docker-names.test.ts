import { describe, expect, test } from '@jest/globals';
import { DockerNames } from '../../src/owners/docker-names.js';
import { containerId } from '../helpers/runner/containers.js';
import { useHostTree } from '../helpers/runner/host-tree.js';

const tree = useHostTree();
const ID = containerId('d0');
const PATH = `/var/lib/docker/containers/${ID}/config.v2.json`;
const SECRET = 'hunter2';

const find = (names = new DockerNames(tree.files())) =>
  names.find({ container: ID, pod: undefined });

/** As of Docker, as far as it matters here. */
const CONFIG = {
  StreamConfig: {},
  State: { Running: true, Pid: 4242 },
  ID,
  Created: '2026-11-29T20:00:00.000000000Z',
  Path: 'nginx',
  Args: ['-g', 'daemon off;'],
  Config: {
    Hostname: 'd00000000000',
    Env: [`PASSWORD=${SECRET}`, 'PATH=/usr/bin'],
    Labels: { 'com.docker.compose.service': 'front', Name: '/label' },
  },
  NetworkSettings: { Networks: { bridge: { Name: '/network' } } },
  Name: '/web',
  Driver: 'overlay2',
  MountPoints: { '/data': { Name: '/volume', Source: '/data' } },
};

describe('config.v2.json', () => {
  test('has the name, and nothing else of it is told', () => {
    tree.file(PATH, CONFIG);
    const names = new DockerNames(tree.files());
    const found = find(names);
    expect(found).toEqual({ containerName: 'web' });
    expect(Object.keys(found)).toEqual(['containerName']);
  });

  test('nothing of it is kept', () => {
    tree.file(PATH, CONFIG);
    const asked: unknown[] = [];
    const files = tree.files();
    const watched = new Proxy(files, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        asked.push(key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const names = new DockerNames(watched);
    find(names);
    find(names);
    // Each time from the file: its settings once, the container's twice.
    expect(asked).toEqual(['text', 'text', 'text']);
  });

  test.each([
    ['cut off', JSON.stringify(CONFIG).slice(0, -20)],
    ['empty', ''],
    ['no object', '[1]'],
    ['null', 'null'],
    ['nested beyond sense', '['.repeat(500_000)],
    ['without a name', { ...CONFIG, Name: undefined }],
    ['with an empty name', { ...CONFIG, Name: '/' }],
    ['with another kind of name', { ...CONFIG, Name: { toString: 'web' } }],
    ['too long', { ...CONFIG, Path: 'x'.repeat(2 ** 20) }],
  ])('is of no use where it is %s', (_, content) => {
    tree.file(PATH, content);
    expect(find().containerName).toBeUndefined();
  });

  test('is of no use where others may have written it', () => {
    tree.file(PATH, CONFIG);
    tree.chmod(PATH, 0o666);
    expect(find().containerName).toBeUndefined();
  });

  test('a link in its place is not followed out of a folder of others', () => {
    tree.file('/elsewhere/config.v2.json', CONFIG);
    tree.link(`/var/lib/docker/containers/${ID}`, '/elsewhere');
    expect(find().containerName).toBe('web');
    tree.chmod('/var/lib/docker/containers', 0o777);
    expect(find().containerName).toBeUndefined();
  });
});

describe('where Docker keeps its data', () => {
  test.each(['data-root', 'graph'])('%s says', (field) => {
    tree.file('/etc/docker/daemon.json', { [field]: '/data/docker' });
    tree.file(`/data/docker/containers/${ID}/config.v2.json`, { Name: '/elsewhere' });
    expect(find().containerName).toBe('elsewhere');
  });

  test.each(['{', '[]', '{"data-root": 7}'])('%s says nothing', (settings) => {
    tree.file('/etc/docker/daemon.json', settings);
    tree.file(PATH, CONFIG);
    expect(find().containerName).toBe('web');
  });
});

test('without a container there is nothing to be asked', () => {
  expect(new DockerNames(tree.files()).find({ container: undefined, pod: 'x' })).toEqual({});
});
