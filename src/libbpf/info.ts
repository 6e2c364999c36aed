/** What the kernel says of a program. */
import { check } from './errors.js';
import { libbpf, libc } from './ffi.js';

/** struct bpf_prog_info, as much of it as is needed here. */
const PROG_INFO_BYTES = 80;
const PROG_INFO_NAME = 64;
const NAME_BYTES = 16;

/** The name of the program with this id. */
export function programName(id: number): string {
  const fd = check('open a program', libbpf().bpf_prog_get_fd_by_id(id));
  try {
    const info = Buffer.alloc(PROG_INFO_BYTES);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(PROG_INFO_BYTES);
    check('ask for a program', libbpf().bpf_obj_get_info_by_fd(fd, info, length));
    const name = info.subarray(PROG_INFO_NAME, PROG_INFO_NAME + NAME_BYTES);
    return name.toString('latin1', 0, name.indexOf(0));
  } finally {
    libc.close(fd);
  }
}
