import { expect, test } from '@jest/globals';
import { type CgroupParts, partsOf } from '../../src/owners/cgroup-parts.js';

const A = '3fa1c0de'.repeat(8);
const B = '9ec39b91'.repeat(8);
const POD = '0f2c8a52-6d1e-4b7a-9c3d-5e8f7a6b1c2d';
const POD_IN_UNIT = POD.replaceAll('-', '_');
const KUBEPODS = '/kubepods.slice/kubepods-burstable.slice';
const POD_SLICE = `${KUBEPODS}/kubepods-burstable-pod${POD_IN_UNIT}.slice`;
const USER = '/user.slice/user-1000.slice';
const MANAGER = `${USER}/user@1000.service`;

const NGINX = { unit: 'nginx.service' };

const PATHS: Readonly<Record<string, Record<string, CgroupParts>>> = {
  systemd: {
    '/': {},
    '/init.scope': { unit: 'init.scope' },
    '/system.slice': { unit: 'system.slice' },
    '/system.slice/nginx.service': NGINX,
    '/system.slice/nginx.service/workers/3': NGINX,
    '/system.slice/system-getty.slice/getty@tty1.service': { unit: 'getty@tty1.service' },
    '/system.slice/system-pping.slice/pping@br\\x2dlan.service': {
      unit: 'pping@br\\x2dlan.service',
    },
    '/system.slice/_cpu.service': { unit: 'cpu.service' },
    '/dev-hugepages.mount': {},
  },
  'of users': {
    [`${USER}/session-3.scope`]: { unit: 'session-3.scope' },
    [USER]: { unit: 'user-1000.slice' },
    [`${MANAGER}/init.scope`]: { unit: 'user@1000.service' },
    [`${MANAGER}/app.slice/app-firefox-1234.scope`]: { unit: 'user@1000.service' },
    [`${MANAGER}/app.slice/syncthing.service`]: {
      unit: 'user@1000.service/syncthing.service',
    },
  },
  "of users, and called like what is the system's": {
    [`${MANAGER}/nginx.service`]: { unit: 'user@1000.service/nginx.service' },
    [`${MANAGER}/user@0.service/system.slice/nginx.service`]: {
      unit: 'user@1000.service/nginx.service',
    },
    [`${MANAGER}/docker-${A}.scope`]: {
      unit: 'user@1000.service',
      container: `user@1000.service/${A}`,
    },
    [`${MANAGER}/machine.slice/machine-web.scope`]: {
      unit: 'user@1000.service',
      container: 'user@1000.service/web',
    },
    [`${MANAGER}/kubepods-pod${POD_IN_UNIT}.slice`]: {
      unit: 'user@1000.service',
      pod: `user@1000.service/${POD}`,
    },
  },
  Docker: {
    [`/system.slice/docker-${A}.scope`]: { unit: `docker-${A}.scope`, container: A },
    [`/docker/${A}`]: { container: A },
    [`/builds.slice/${A}`]: { unit: 'builds.slice', container: A },
    [`/docker/${A}/system.slice/nginx.service`]: { ...NGINX, container: A },
    [`/docker/${A}/docker/${B}`]: { container: B },
    [`/docker/${A}/docker/${B}/init`]: { container: B },
    [`/system.slice/docker-${A}.scope/init.scope`]: { unit: 'init.scope', container: A },
    [`/docker/${A.slice(1)}`]: {},
    [`/docker/${A}0`]: {},
    [`/system.slice/${A}-41c8e2.service`]: { unit: `${A}-41c8e2.service` },
  },
  'containerd and Kubernetes': {
    [`${POD_SLICE}/cri-containerd-${A}.scope`]: {
      unit: `cri-containerd-${A}.scope`,
      container: A,
      pod: POD,
    },
    [POD_SLICE]: { unit: `kubepods-burstable-pod${POD_IN_UNIT}.slice`, pod: POD },
    [KUBEPODS]: { unit: 'kubepods-burstable.slice' },
    [`/kubepods.slice/kubepods-pod${POD_IN_UNIT}.slice/cri-containerd-${A}.scope/nested`]: {
      unit: `cri-containerd-${A}.scope`,
      container: A,
      pod: POD,
    },
    [`/kubepods/besteffort/pod${POD}/${A}`]: { container: A, pod: POD },
    [`/kubepods/pod${POD}/${A}`]: { container: A, pod: POD },
    [`/kubepods/besteffort/pod${POD}`]: { pod: POD },
    [`/kubepods/burstable/pod${'d1b2'.repeat(8)}/${A}`]: { container: A, pod: 'd1b2'.repeat(8) },
    [`/system.slice/containerd.service/kubepods-besteffort-pod${POD_IN_UNIT}.slice:cri-containerd:${A}`]:
      { unit: 'containerd.service', container: A, pod: POD },
    // kind: a node in a container, with pods of its own.
    [`/system.slice/docker-${B}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${POD_IN_UNIT}.slice/cri-containerd-${A}.scope`]:
      { unit: `cri-containerd-${A}.scope`, container: A, pod: POD },
    [`/system.slice/nerdctl-${A}.scope`]: { unit: `nerdctl-${A}.scope`, container: A },
  },
  'CRI-O': {
    [`${POD_SLICE}/crio-${A}.scope`]: { unit: `crio-${A}.scope`, container: A, pod: POD },
    [`${POD_SLICE}/crio-${A}.scope/container`]: { unit: `crio-${A}.scope`, container: A, pod: POD },
    [`/kubepods/burstable/pod${POD}/crio-${A}`]: { container: A, pod: POD },
    [`${POD_SLICE}/crio-conmon-${A}.scope`]: { unit: `crio-conmon-${A}.scope`, pod: POD },
    [`/kubepods/burstable/pod${POD}/crio-conmon-${A}`]: { pod: POD },
  },
  Podman: {
    [`/machine.slice/libpod-${A}.scope`]: { unit: `libpod-${A}.scope`, container: A },
    [`/machine.slice/libpod-${A}.scope/container`]: { unit: `libpod-${A}.scope`, container: A },
    [`/machine.slice/libpod-conmon-${A}.scope`]: { unit: `libpod-conmon-${A}.scope` },
    [`/machine.slice/machine-libpod_pod_${B}.slice/libpod-${A}.scope/container`]: {
      unit: `libpod-${A}.scope`,
      container: A,
    },
    [`/machine.slice/machine-libpod_pod_${B}.slice`]: {
      unit: `machine-libpod_pod_${B}.slice`,
    },
    [`/libpod_parent/libpod-${A}`]: { container: A },
    [`/libpod_parent/${B}/libpod-${A}`]: { container: A },
    [`/libpod_parent/${B}`]: {},
    '/libpod_parent/conmon': {},
    [`/system.slice/web.service/libpod-payload-${A}`]: { unit: 'web.service', container: A },
    '/system.slice/web.service/runtime': { unit: 'web.service' },
    [`${MANAGER}/user.slice/libpod-${A}.scope/container`]: {
      unit: 'user@1000.service',
      container: `user@1000.service/${A}`,
    },
  },
  'LXC and systemd-nspawn': {
    '/lxc.payload.web/system.slice/nginx.service': { ...NGINX, container: 'web' },
    '/lxc.payload.web': { container: 'web' },
    '/lxc.monitor.web': {},
    '/system.slice/web.service/lxc/101': { unit: 'web.service' },
    [`${USER}/session-3.scope/lxc.payload.web/docker-${A}.scope`]: {
      unit: 'session-3.scope',
      container: A,
    },
    '/lxc/101/ns/init.scope': { unit: 'init.scope', container: '101' },
    [`/lxc.payload.web/system.slice/docker-${A}.scope`]: {
      unit: `docker-${A}.scope`,
      container: A,
    },
    '/machine.slice/machine-web\\x2d1.scope/payload/system.slice/nginx.service': {
      ...NGINX,
      container: 'web-1',
    },
    '/machine.slice/machine-web\\x2d1.scope': {
      unit: 'machine-web\\x2d1.scope',
      container: 'web-1',
    },
    '/machine.slice/machine-web.scope/supervisor': { unit: 'machine-web.scope' },
    '/machine.slice/systemd-nspawn@web.service/payload': {
      unit: 'systemd-nspawn@web.service',
      container: 'web',
    },
    '/machine.slice/systemd-nspawn@web.service/supervisor': { unit: 'systemd-nspawn@web.service' },
    '/machine.slice/machine-qemu\\x2d1\\x2dubuntu.scope/libvirt/emulator': {
      unit: 'machine-qemu\\x2d1\\x2dubuntu.scope',
    },
    '/system.slice/machine-shop.scope': { unit: 'machine-shop.scope' },
  },
};

test.each(Object.entries(PATHS))('%s', (_, paths) => {
  const found = Object.keys(paths).map((path) => [path, partsOf(path)] as const);
  expect(Object.fromEntries(found)).toEqual(paths);
});

test.each<[string, number, CgroupParts]>([
  ['/a.slice/b.service', 2, { unit: 'b.service' }],
  ['/a.slice/b.service', 1, { unit: 'a.slice/b.service' }],
  ['/apps/web/nginx.service', 2, { unit: 'web/nginx.service' }],
  [`/apps.service/web/docker-${A}.scope`, 2, { unit: 'apps.service', container: `web/${A}` }],
  [`/docker/${A}/nginx.service`, 2, { unit: `${A}/nginx.service`, container: A }],
  [`${MANAGER}/nginx.service`, 9, { unit: 'user@1000.service/nginx.service' }],
])('%s, %d of them root has named', (path, believed, parts) => {
  expect(partsOf(path, believed)).toEqual(parts);
});
