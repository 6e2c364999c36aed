/** C is the only truth about layouts: what TypeScript believes, against the built object's BTF. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { camelCase, layoutOf, readBtf } from '../../lab/kernel/btf.js';
import { OBJECT_PATH, OWNERS_OBJECT_PATH, SOCKET_OWNERS_PATH } from '../../lab/kernel/kernel.js';
import { repositoryRoot } from '../../lab/places.js';
import { HOLDER } from '../../src/attribution/holder.js';
import {
  CGROUP_PLACE,
  COUNTERS,
  FILTER,
  FIXED_SETTINGS,
  LINK_LAYER,
  OWNER_FILTER,
  PORT_RANGE,
  PREFIX,
  RTT_TYPE,
  SELECTION,
  SETTINGS,
  SWEEP,
} from '../../src/core/layouts.js';
import { MAP_ENTRY } from '../../src/core/map-memory.js';
import {
  EVENT_TYPE,
  FLOW,
  FLOW_CHANGE,
  FLOW_REASON,
  FLOW_TRIGGER,
  HEADER,
  ORIGINAL,
  ORIGINAL_STATE,
  OVERDUE,
  OWNER,
  PLACE,
  RTT,
  RTT_FLAG,
} from '../../src/events/layout.js';
import { PROGRAM_NAME } from '../../src/libbpf/program-names.js';

const ORIGINALS_PATH = join(repositoryRoot, 'dist/bpf/tc_pping_originals.o');
const PROGRAMS_PATH = join(repositoryRoot, 'dist/bpf/programs.o');
const btf = readBtf(OBJECT_PATH);
/** The same programs with all that is about owners. */
const owners = readBtf(OWNERS_OBJECT_PATH);
const { structs, enums } = btf;

/** A struct's members where it is at an offset of another. */
function within(at: number, layout: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(layout).map(([name, offset]) => [name, at + offset]));
}

/** The enumerators of a C enum with `prefix` taken off, by value. */
function valuesOf(name: string): number[] {
  return Object.values(enums.get(name) ?? {});
}

describe('structs', () => {
  test('event_header', () => expect(layoutOf(btf, 'event_header')).toEqual(HEADER));
  test('rtt_event', () => expect(layoutOf(btf, 'rtt_event', ['header'])).toEqual(RTT));
  test('flow_event', () => expect(layoutOf(btf, 'flow_event', ['header'])).toEqual(FLOW));
  test('overdue_event', () => expect(layoutOf(btf, 'overdue_event', ['header'])).toEqual(OVERDUE));
  test('settings', () => expect(layoutOf(btf, 'settings')).toEqual(SETTINGS));
  test('fixed_settings', () => expect(layoutOf(btf, 'fixed_settings')).toEqual(FIXED_SETTINGS));
  test('prefix', () => expect(layoutOf(btf, 'prefix')).toEqual(PREFIX));
  test('port_range', () => expect(layoutOf(btf, 'port_range')).toEqual(PORT_RANGE));
  test('selection', () => expect(layoutOf(btf, 'selection')).toEqual(SELECTION));
  test('filter', () => expect(layoutOf(btf, 'filter')).toEqual(FILTER));
  test('sweep', () => expect(layoutOf(btf, 'sweep')).toEqual(SWEEP));
  test('owner_event', () => {
    const { owner: at = 0, ...header } = layoutOf(owners, 'owner_event', ['header']);
    expect({ ...within(at, layoutOf(owners, 'owner')), size: header.size }).toEqual(OWNER);
  });
  test('original_event', () => {
    const { original: at = 0, ...header } = layoutOf(owners, 'original_event', ['header']);
    expect({ ...within(at, layoutOf(owners, 'original')), size: header.size }).toEqual(ORIGINAL);
  });
  test('owner_filter', () => expect(layoutOf(owners, 'owner_filter')).toEqual(OWNER_FILTER));
  test('cgroup_place', () => expect(layoutOf(owners, 'cgroup_place')).toEqual(CGROUP_PLACE));
  test('socket_owner', () => {
    expect(layoutOf(readBtf(SOCKET_OWNERS_PATH), 'socket_owner')).toEqual(HOLDER);
  });
  test('program_name', () => {
    expect(layoutOf(readBtf(PROGRAMS_PATH), 'program_name')).toEqual(PROGRAM_NAME);
  });
  test('entries of the maps that a budget bounds, of the object that knows the most', () => {
    const { structs } = readBtf(ORIGINALS_PATH);
    const sizeOf = (name: string) => structs.get(name)?.size;
    expect({
      flows: { key: sizeOf('flow_key'), value: sizeOf('flow') },
      timestamps: { key: sizeOf('timestamp_key'), value: sizeOf('timestamp') },
    }).toEqual(MAP_ENTRY);
  });
  test('events begin with their header', () => {
    expect(structs.get('rtt_event')?.offsets.header).toBe(0);
    expect(structs.get('flow_event')?.offsets.header).toBe(0);
  });
});

describe('enums', () => {
  test('event_type', () => {
    expect(enums.get('event_type')).toEqual({
      EVENT_RTT: EVENT_TYPE.rtt,
      EVENT_FLOW: EVENT_TYPE.flow,
      EVENT_OWNER: EVENT_TYPE.owner,
      EVENT_ORIGINAL: EVENT_TYPE.original,
      EVENT_OVERDUE: EVENT_TYPE.overdue,
    });
  });
  test('original_state', () => {
    expect(owners.enums.get('original_state')).toEqual({
      ORIGINAL_UNKNOWN: ORIGINAL_STATE.unknown,
      ORIGINAL_KNOWN: ORIGINAL_STATE.known,
      ORIGINAL_DISPUTED: ORIGINAL_STATE.disputed,
    });
  });
  test('rtt_flag', () => {
    expect(enums.get('rtt_flag')).toEqual({
      RTT_MATCH_ON_EGRESS: RTT_FLAG.matchOnEgress,
      RTT_HANDSHAKE: RTT_FLAG.handshake,
      RTT_HOOK_UNKNOWN: RTT_FLAG.hookUnknown,
    });
  });
  test('flow_change', () => {
    expect(enums.get('flow_change')).toEqual({
      CHANGE_OPENING: FLOW_CHANGE.opening,
      CHANGE_CLOSING: FLOW_CHANGE.closing,
    });
  });
  test('flow_reason', () => {
    expect(enums.get('flow_reason')).toEqual({
      REASON_SYN: FLOW_REASON.SYN,
      REASON_SYN_ACK: FLOW_REASON['SYN-ACK'],
      REASON_FIRST_PACKET: FLOW_REASON['first observed packet'],
      REASON_FIN: FLOW_REASON.FIN,
      REASON_RST: FLOW_REASON.RST,
      REASON_TIMEOUT: FLOW_REASON['flow timeout'],
    });
  });
  test('flow_trigger', () => {
    expect(enums.get('flow_trigger')).toEqual({
      TRIGGER_SRC: FLOW_TRIGGER.src,
      TRIGGER_DEST: FLOW_TRIGGER.dest,
      TRIGGER_CLEANUP: FLOW_TRIGGER['garbage collection'],
    });
  });
  test('rtt_type', () => {
    expect(enums.get('rtt_type')).toEqual({
      RTT_TYPE_MIN: RTT_TYPE.min,
      RTT_TYPE_SMOOTHED: RTT_TYPE.smoothed,
    });
  });
  test('link_layer', () => {
    expect(enums.get('link_layer')).toEqual({
      LINK_ETHERNET: LINK_LAYER.ethernet,
      LINK_IP: LINK_LAYER.ip,
      LINK_COOKED: LINK_LAYER.cooked,
      LINK_COOKED_V2: LINK_LAYER.cookedV2,
      LINK_FAMILY: LINK_LAYER.family,
    });
  });
  test('place', () => {
    expect(enums.get('place')).toEqual({
      PLACE_VLAN_ID_BITS: PLACE.vlanIdBits,
      PLACE_INTERFACE_SHIFT: PLACE.interfaceShift,
      PLACE_BITS: PLACE.bits,
      PLACE_CROWDED: PLACE.crowded,
      PLACE_ENTRIES: PLACE.entries,
    });
  });
  test('counter: the same names in the same order', () => {
    const names = Object.keys(enums.get('counter') ?? {})
      .filter((name) => name !== 'COUNTER_COUNT')
      .map((name) => camelCase(name.replace('COUNTER_', '').toLowerCase()));
    expect(names).toEqual(COUNTERS);
    expect(valuesOf('counter')).toEqual(names.map((_, index) => index).concat(COUNTERS.length));
  });
});
