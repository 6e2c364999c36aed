/**
 * The only FFI declarations. A call costs 4 to 100 us, so all of this is cold
 * path: events are read from mapped memory, never through a function here.
 */
import ref from '@2060.io/ref-napi';
import ffi from 'node-ffi-napi';
import createStruct from 'ref-struct-di';
import { Fault, messageOf } from '../faults.js';

/** A C pointer. `isNull()` is what the FFI library adds to Buffer. */
export type Pointer = Buffer;

type Async<Arguments extends unknown[]> = {
  async(...args: [...Arguments, callback: (error: Error | null, result: number) => void]): void;
};

interface Libbpf {
  libbpf_set_print(print: Pointer): Pointer;
  libbpf_version_string(): string;
  libbpf_num_possible_cpus(): number;
  bpf_object__open_file(path: string, options: Pointer): Pointer;
  bpf_object__load: ((object: Pointer) => number) & Async<[object: Pointer]>;
  bpf_object__close(object: Pointer): void;
  bpf_object__find_program_by_name(object: Pointer, name: string): Pointer;
  bpf_object__find_map_by_name(object: Pointer, name: string): Pointer;
  bpf_object__next_program(object: Pointer, program: Pointer): Pointer;
  bpf_object__next_map(object: Pointer, map: Pointer): Pointer;
  bpf_program__name(program: Pointer): string;
  bpf_program__set_autoload(program: Pointer, autoload: boolean): number;
  bpf_program__fd(program: Pointer): number;
  bpf_program__set_log_buf(program: Pointer, log: Pointer, size: number): number;
  bpf_map__name(map: Pointer): string;
  bpf_map__fd(map: Pointer): number;
  bpf_map__max_entries(map: Pointer): number;
  bpf_map__reuse_fd(map: Pointer, fd: number): number;
  bpf_map__set_max_entries(map: Pointer, entries: number): number;
  bpf_map__map_flags(map: Pointer): number;
  bpf_map__set_map_flags(map: Pointer, flags: number): number;
  bpf_map__set_autocreate(map: Pointer, autocreate: boolean): number;
  bpf_map__initial_value(map: Pointer, size: Pointer): Pointer;
  bpf_map__inner_map(map: Pointer): Pointer;
  bpf_map_lookup_elem(fd: number, key: Pointer, value: Pointer): number;
  bpf_map_update_elem: ((fd: number, key: Pointer, value: Pointer, flags: number) => number) &
    Async<[fd: number, key: Pointer, value: Pointer, flags: number]>;
  bpf_map_delete_elem(fd: number, key: Pointer): number;
  bpf_map_update_batch(
    fd: number,
    keys: Pointer,
    values: Pointer,
    count: Pointer,
    options: Pointer,
  ): number;
  bpf_map_delete_batch(fd: number, keys: Pointer, count: Pointer, options: Pointer): number;
  bpf_map_lookup_and_delete_batch: Async<
    [
      fd: number,
      from: Pointer,
      next: Pointer,
      keys: Pointer,
      values: Pointer,
      count: Pointer,
      options: Pointer,
    ]
  >;
  bpf_prog_test_run_opts: ((fd: number, options: Pointer) => number) &
    Async<[fd: number, options: Pointer]>;
  bpf_obj_get_info_by_fd(fd: number, info: Pointer, length: Pointer): number;
  bpf_prog_get_fd_by_id(id: number): number;
  bpf_prog_get_next_id(after: number, next: Pointer): number;
  bpf_map_get_fd_by_id(id: number): number;
  bpf_prog_query(
    target: number,
    type: number,
    flags: number,
    attachFlags: Pointer,
    ids: Pointer,
    count: Pointer,
  ): number;
  bpf_enable_stats(type: number): number;
  bpf_link_create: ((program: number, target: number, type: number, options: Pointer) => number) &
    Async<[program: number, target: number, type: number, options: Pointer]>;
  bpf_raw_tracepoint_open(name: Pointer, program: number): number;
  bpf_iter_create(link: number): number;
  bpf_tc_hook_create(hook: Pointer): number;
  bpf_tc_attach(hook: Pointer, options: Pointer): number;
  bpf_tc_detach(hook: Pointer, options: Pointer): number;
}

interface Libc {
  mmap(at: Pointer, size: number, prot: number, flags: number, fd: number, off: number): Pointer;
  munmap(address: Pointer, size: number): number;
  getpagesize(): number;
  mallopt(parameter: number, value: number): number;
  close: ((fd: number) => number) & Async<[fd: number]>;
  open_by_handle_at(mount: number, handle: Pointer, flags: number): number;
  clock_gettime(clock: number, time: Pointer): number;
  clock_getres(clock: number, resolution: Pointer): number;
  epoll_create1(flags: number): number;
  eventfd(value: number, flags: number): number;
  epoll_ctl(epoll: number, operation: number, fd: number, event: Pointer): number;
  epoll_wait: Async<[epoll: number, events: Pointer, maximum: number, timeoutMs: number]>;
  socket(domain: number, type: number, protocol: number): number;
  bind(socket: number, address: Pointer, size: number): number;
  listen(socket: number, waiting: number): number;
  setsockopt(socket: number, level: number, name: number, value: Pointer, size: number): number;
  send(socket: number, bytes: Pointer, size: number, flags: number): number;
  recv(socket: number, bytes: Pointer, size: number, flags: number): number;
  ioctl(fd: number, request: number, argument: Pointer): number;
  if_nametoindex(name: string): number;
  if_indextoname(index: number, name: Pointer): Pointer;
  setns(fd: number, kind: number): number;
  dup(fd: number): number;
  fcntl(fd: number, command: number, argument: number): number;
  prctl(option: number, one: number, two: number, three: number, four: number): number;
  capset(header: Pointer, data: Pointer): number;
  eaccess(path: string, mode: number): number;
  getpwnam(name: string): Pointer;
  initgroups(user: string, group: number): number;
  execv(path: string, args: Pointer): number;
}

/** The C types of the functions above, result first. */
const LIBBPF_SIGNATURES = {
  libbpf_set_print: ['pointer', ['pointer']],
  libbpf_version_string: ['string', []],
  libbpf_num_possible_cpus: ['int', []],
  bpf_object__open_file: ['pointer', ['string', 'pointer']],
  bpf_object__load: ['int', ['pointer']],
  bpf_object__close: ['void', ['pointer']],
  bpf_object__find_program_by_name: ['pointer', ['pointer', 'string']],
  bpf_object__find_map_by_name: ['pointer', ['pointer', 'string']],
  bpf_object__next_program: ['pointer', ['pointer', 'pointer']],
  bpf_object__next_map: ['pointer', ['pointer', 'pointer']],
  bpf_program__name: ['string', ['pointer']],
  bpf_program__set_autoload: ['int', ['pointer', 'bool']],
  bpf_program__fd: ['int', ['pointer']],
  bpf_program__set_log_buf: ['int', ['pointer', 'pointer', 'size_t']],
  bpf_map__name: ['string', ['pointer']],
  bpf_map__fd: ['int', ['pointer']],
  bpf_map__max_entries: ['uint32', ['pointer']],
  bpf_map__reuse_fd: ['int', ['pointer', 'int']],
  bpf_map__set_max_entries: ['int', ['pointer', 'uint32']],
  bpf_map__map_flags: ['uint32', ['pointer']],
  bpf_map__set_map_flags: ['int', ['pointer', 'uint32']],
  bpf_map__set_autocreate: ['int', ['pointer', 'bool']],
  bpf_map__initial_value: ['pointer', ['pointer', 'pointer']],
  bpf_map__inner_map: ['pointer', ['pointer']],
  bpf_map_lookup_elem: ['int', ['int', 'pointer', 'pointer']],
  bpf_map_update_elem: ['int', ['int', 'pointer', 'pointer', 'uint64']],
  bpf_map_delete_elem: ['int', ['int', 'pointer']],
  bpf_map_update_batch: ['int', ['int', 'pointer', 'pointer', 'pointer', 'pointer']],
  bpf_map_delete_batch: ['int', ['int', 'pointer', 'pointer', 'pointer']],
  bpf_map_lookup_and_delete_batch: [
    'int',
    ['int', 'pointer', 'pointer', 'pointer', 'pointer', 'pointer', 'pointer'],
  ],
  bpf_prog_test_run_opts: ['int', ['int', 'pointer']],
  bpf_obj_get_info_by_fd: ['int', ['int', 'pointer', 'pointer']],
  bpf_prog_get_fd_by_id: ['int', ['uint32']],
  bpf_prog_get_next_id: ['int', ['uint32', 'pointer']],
  bpf_map_get_fd_by_id: ['int', ['uint32']],
  bpf_prog_query: ['int', ['int', 'int', 'uint32', 'pointer', 'pointer', 'pointer']],
  bpf_enable_stats: ['int', ['int']],
  bpf_link_create: ['int', ['int', 'int', 'int', 'pointer']],
  bpf_raw_tracepoint_open: ['int', ['pointer', 'int']],
  bpf_iter_create: ['int', ['int']],
  bpf_tc_hook_create: ['int', ['pointer']],
  bpf_tc_attach: ['int', ['pointer', 'pointer']],
  bpf_tc_detach: ['int', ['pointer', 'pointer']],
} satisfies Record<keyof Libbpf, [string, string[]]>;

const LIBC_SIGNATURES = {
  mmap: ['pointer', ['pointer', 'size_t', 'int', 'int', 'int', 'size_t']],
  munmap: ['int', ['pointer', 'size_t']],
  getpagesize: ['int', []],
  mallopt: ['int', ['int', 'int']],
  close: ['int', ['int']],
  open_by_handle_at: ['int', ['int', 'pointer', 'int']],
  clock_gettime: ['int', ['int', 'pointer']],
  clock_getres: ['int', ['int', 'pointer']],
  epoll_create1: ['int', ['int']],
  eventfd: ['int', ['uint32', 'int']],
  epoll_ctl: ['int', ['int', 'int', 'int', 'pointer']],
  epoll_wait: ['int', ['int', 'pointer', 'int', 'int']],
  socket: ['int', ['int', 'int', 'int']],
  bind: ['int', ['int', 'pointer', 'uint32']],
  listen: ['int', ['int', 'int']],
  setsockopt: ['int', ['int', 'int', 'int', 'pointer', 'uint32']],
  send: ['long', ['int', 'pointer', 'size_t', 'int']],
  recv: ['long', ['int', 'pointer', 'size_t', 'int']],
  ioctl: ['int', ['int', 'ulong', 'pointer']],
  if_nametoindex: ['uint32', ['string']],
  if_indextoname: ['pointer', ['uint32', 'pointer']],
  setns: ['int', ['int', 'int']],
  dup: ['int', ['int']],
  fcntl: ['int', ['int', 'int', 'int']],
  prctl: ['int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']],
  capset: ['int', ['pointer', 'pointer']],
  eaccess: ['int', ['string', 'int']],
  getpwnam: ['pointer', ['string']],
  initgroups: ['int', ['string', 'uint32']],
  execv: ['int', ['string', 'pointer']],
} satisfies Record<keyof Libc, [string, string[]]>;

export const NULL: Pointer = ref.NULL as Pointer;

/** The C library as the rest of this process has it: what is preloaded comes first. */
export const libc = openLibrary(null, LIBC_SIGNATURES) as Libc;

let opened: Libbpf | undefined;

/** libbpf, opened when first needed. Throws a Fault that says how to get it. */
export function libbpf(): Libbpf {
  if (opened) return opened;
  try {
    opened = openLibrary('libbpf.so.1', LIBBPF_SIGNATURES) as Libbpf;
  } catch (error) {
    throw new Fault(
      `libbpf 1.0 or newer is needed and cannot be opened (${messageOf(error)}); on Debian and Ubuntu: apt-get install libbpf1`,
    );
  }
  // libbpf would print by itself; what matters is in the errors thrown here.
  opened.libbpf_set_print(NULL);
  return opened;
}

/**
 * Calls a function on another thread. Resolves from the event loop and not from
 * the FFI's callback, where anything thrown would end the process.
 */
export function callAsync<Arguments extends unknown[]>(
  call: Async<Arguments>,
  ...args: Arguments
): Promise<number> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error, result) => {
      setImmediate(() => (error ? reject(error) : resolve(result)));
    });
  });
}

/** errno of the last call, to be read at once. */
export function errno(): number {
  return ffi.errno();
}

export function isNull(pointer: Pointer): boolean {
  return ref.isNull(pointer);
}

export function addressOf(pointer: Pointer): bigint {
  return BigInt(`0x${ref.hexAddress(pointer)}`);
}

/** `size` bytes of memory at `pointer`, not copied: valid as long as the memory is. */
export function memoryAt(pointer: Pointer, size: number): Buffer {
  return ref.reinterpret(pointer, size, 0);
}

/** As C has lists of text: pointers to each, and a null pointer. It keeps alive what it points to. */
export function textList(texts: readonly Buffer[]): Pointer {
  const { size } = ref.types.size_t;
  const list = Buffer.alloc((texts.length + 1) * size);
  for (const [index, text] of texts.entries()) {
    ref.writePointer(list, index * size, Buffer.concat([text, Buffer.alloc(1)]));
  }
  return list as Pointer;
}

/** C structs that are passed to libbpf; `sz` is how libbpf tells their version. */
const defineStruct = createStruct(ref);

export const TestRunOptions = defineStruct({
  sz: 'size_t',
  data_in: 'pointer',
  data_out: 'pointer',
  data_size_in: 'uint32',
  data_size_out: 'uint32',
  ctx_in: 'pointer',
  ctx_out: 'pointer',
  ctx_size_in: 'uint32',
  ctx_size_out: 'uint32',
  retval: 'uint32',
  repeat: 'int',
  duration: 'uint32',
  flags: 'uint32',
  cpu: 'uint32',
  batch_size: 'uint32',
});

export const LinkOptions = defineStruct({
  sz: 'size_t',
  flags: 'uint32',
});

export const TcHook = defineStruct({
  sz: 'size_t',
  ifindex: 'int',
  attach_point: 'int',
  parent: 'uint32',
});

export const TcOptions = defineStruct({
  sz: 'size_t',
  prog_fd: 'int',
  flags: 'uint32',
  prog_id: 'uint32',
  handle: 'uint32',
  priority: 'uint32',
});

/** The beginning of struct passwd (pwd.h). */
export const Passwd = defineStruct({
  pw_name: 'pointer',
  pw_passwd: 'pointer',
  pw_uid: 'uint32',
  pw_gid: 'uint32',
});

/** @param name null is the process itself */
function openLibrary(name: string | null, signatures: Record<string, [string, string[]]>): unknown {
  // The library's own types cannot express a table; the interfaces above do.
  return new ffi.Library(name, signatures as never);
}
