/** Code that runs in pping's process before pping does: for what befalls it there, unasked. */
import { join } from 'node:path';
import { repositoryRoot } from '../../../lab/places.js';

const COMMAND = JSON.stringify(join(repositoryRoot, 'bin/pping'));

/** @returns the environment that has Node run these modules first; it fits between a shell's quotes */
export function preloaded(...modules: readonly string[]): { readonly NODE_OPTIONS: string } {
  const urls = modules.map((code) => encodeURIComponent(code).replaceAll("'", '%27'));
  return { NODE_OPTIONS: urls.map((url) => `--import data:text/javascript,${url}`).join(' ') };
}

/** SIGUSR2 runs `code`. */
export function onSignal(code: string): string {
  return `process.on('SIGUSR2', () => { ${code} });`;
}

/**
 * When a function of libbpf or libc was called for the `nth` time (from 1), `code` runs, before
 * who has called it goes on.
 */
export function afterCall(name: string, nth: number, code: string): string {
  return withLibraries(`
    const call = library.${name};
    let left = ${nth};
    const called = (result) => {
      if (--left === 0) { ${code} }
      return result;
    };
    if (call) library.${name} = Object.assign((...args) => called(call(...args)), {
      async: (...args) => {
        const done = args.pop();
        // Not in the callback, where anything thrown ends the process.
        call.async(...args, (error, result) =>
          setImmediate(() => done(error, called(result))));
      },
    });
  `);
}

/** A thread that waits for events is woken, or waits for ever. */
export const WAITING_FOR_EVER = withLibraries(`
  const wait = library.epoll_wait;
  if (wait) library.epoll_wait = {
    async: (epoll, events, most, _, done) => wait.async(epoll, events, most, -1, done),
  };
`);

/** As on kernels before 6.6. */
export const WITHOUT_TCX = withLibraries(`
  const EINVAL = 22;
  if (library.bpf_link_create) library.bpf_link_create = Object.assign(() => -EINVAL, {
    async: (...args) => args.pop()(null, -EINVAL),
  });
`);

/** enum bpf_attach_type */
const BPF_CGROUP_INET_SOCK_CREATE = 2;
const BPF_CGROUP_SOCK_OPS = 3;

/** As where a program of that kind stands at the root of the cgroups that tolerates no other. */
export const WITHOUT_SOCK_OPS = withoutAtCgroups(BPF_CGROUP_SOCK_OPS);
export const WITHOUT_SOCK_CREATE = withoutAtCgroups(BPF_CGROUP_INET_SOCK_CREATE);

function withoutAtCgroups(type: number): string {
  return withLibraries(`
    const EPERM = 1;
    const link = library.bpf_link_create;
    if (link) library.bpf_link_create = Object.assign(
      (...args) => args[2] === ${type} ? -EPERM : link(...args),
      { async: (...args) => link.async(...args) },
    );
  `);
}

/** As where programs may not be at tracepoints either. */
export const WITHOUT_TRACEPOINTS = withLibraries(`
  const EPERM = 1;
  if (library.bpf_raw_tracepoint_open) library.bpf_raw_tracepoint_open = () => -EPERM;
`);

/** `code` runs with each `library` that is opened. */
function withLibraries(code: string): string {
  return `
    import { createRequire } from 'node:module';
    const ffi = createRequire(${COMMAND})('node-ffi-napi');
    const { Library } = ffi;
    ffi.Library = function (...args) {
      const library = new Library(...args);
      ${code}
      return library;
    };
  `;
}
