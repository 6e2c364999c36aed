/** Running a BPF program by hand (BPF_PROG_RUN). */
import { check } from './errors.js';
import { callAsync, libbpf, NULL, TestRunOptions } from './ffi.js';

export interface ProgramRun {
  /** The packet, for programs that take one. */
  readonly data?: Buffer;
  /** The program's context: read by it, and written back where it changed it. */
  readonly context?: Buffer;
}

export interface RunResult {
  readonly verdict: number;
  /** The packet as the program left it. */
  readonly data: Buffer;
}

/** Runs program `fd` once, on this thread. */
export function runProgram(fd: number, run: ProgramRun): RunResult {
  const prepared = prepare(run);
  check('run the BPF program', libbpf().bpf_prog_test_run_opts(fd, prepared.options.ref()));
  return prepared.result();
}

/** Runs program `fd` once on another thread, so that nothing here waits for it. */
export async function runProgramAsync(fd: number, run: ProgramRun): Promise<RunResult> {
  const prepared = prepare(run);
  const status = await callAsync(libbpf().bpf_prog_test_run_opts, fd, prepared.options.ref());
  check('run the BPF program', status);
  return prepared.result();
}

/** The struct keeps what its pointers point to alive, and the caller keeps the struct. */
function prepare(run: ProgramRun) {
  const { data, context } = run;
  const dataOut = Buffer.alloc(data ? data.length + 256 : 0);
  const options = new TestRunOptions({
    sz: TestRunOptions.size,
    data_in: data ?? NULL,
    data_out: data ? dataOut : NULL,
    data_size_in: data?.length ?? 0,
    data_size_out: dataOut.length,
    ctx_in: context ?? NULL,
    // A syscall program writes to the context it was given; others want a copy.
    ctx_out: data && context ? context : NULL,
    ctx_size_in: context?.length ?? 0,
    ctx_size_out: data && context ? context.length : 0,
  });
  const result = (): RunResult => ({
    verdict: Number(options.retval) | 0,
    data: dataOut.subarray(0, Number(options.data_size_out)),
  });
  return { options, result };
}
