/** C is the only truth about layouts: what src/replay/ believes, against bpf/replay/capture.h. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Btf, layoutOf, readBtf } from '../../lab/kernel/btf.js';
import { INPUT_LIMIT } from '../../src/core/layouts.js';
import { HOOK, INTERFACE, PACKET, STATE, STOP } from '../../src/replay/layout.js';
import { compileBpf } from '../helpers/runner/compile.js';

const STRUCTS = ['captured_packet', 'capture_interface', 'replay_state'];
const ENUMS = ['replay_stop', 'hook'];

let btf: Btf;

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'pping-layout-'));
  const object = join(folder, 'layout.o');
  const of = (kind: string, names: string[]) =>
    names.map((name) => `const ${kind} ${name} *of_${name};`);
  const source = ['#include "replay/capture.h"', ...of('struct', STRUCTS), ...of('enum', ENUMS)];
  compileBpf(`${source.join('\n')}\n`, object);
  btf = readBtf(object);
  rmSync(folder, { recursive: true });
});

describe('structs', () => {
  test.each([
    ['captured_packet', PACKET],
    ['capture_interface', INTERFACE],
    ['replay_state', STATE],
  ])('%s', (name, layout) => expect(layoutOf(btf, name)).toEqual(layout));
});

describe('enums', () => {
  test('replay_stop', () => {
    expect(btf.enums.get('replay_stop')).toEqual({
      ...{ STOP_END: STOP.end, STOP_TIME: STOP.time, STOP_ROOM: STOP.room },
      ...{ STOP_ENOUGH: STOP.enough, STOP_BACK: STOP.back },
    });
  });

  test('hook', () => {
    expect(btf.enums.get('hook')).toEqual({
      HOOK_INGRESS: HOOK.ingress,
      HOOK_EGRESS: HOOK.egress,
      HOOK_UNKNOWN: HOOK.unknown,
      HOOK_LOOPBACK: HOOK.loopback,
    });
  });
});

test('what src/replay/ has room for', () => {
  expect(INPUT_LIMIT).toEqual({ bytes: 1 << 20, packets: 8192, interfaces: 65_536 });
});
