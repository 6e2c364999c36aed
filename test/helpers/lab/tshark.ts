/** What tshark's TCP analysis says of the frames of a capture. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Times in nanoseconds. */
export interface Analysed {
  /** tcp.analysis.ack_rtt: since the segment that this frame acknowledges to its very end. */
  readonly ackRtt: number | undefined;
  /** tcp.analysis.acks_frame: that segment's index. */
  readonly acks: number | undefined;
  /** tcp.analysis.initial_rtt: the handshake's, SYN to the client's acknowledgement. */
  readonly initialRtt: number | undefined;
}

/** What it says of losses, by its own names (tcp.analysis.*). */
export const LOSS_MARKS = [
  'retransmission',
  'out_of_order',
  'duplicate_ack',
  'zero_window',
  'keep_alive',
] as const;
export type LossMark = (typeof LOSS_MARKS)[number];

const FIELDS = ['ack_rtt', 'acks_frame', 'initial_rtt'];
const MAX_TEXT = 1 << 28;

/** One for each frame, in the order of the file. */
export async function analyse(file: string): Promise<Analysed[]> {
  const fields = FIELDS.flatMap((field) => ['-e', `tcp.analysis.${field}`]);
  const argv = ['-n', '-r', file, '-T', 'fields', ...fields];
  const { stdout } = await promisify(execFile)('tshark', argv, { maxBuffer: MAX_TEXT });
  return stdout.split('\n').slice(0, -1).map(read);
}

/** Of each frame, likewise: a fast or a spurious retransmission is a retransmission. */
export async function analyseLosses(file: string): Promise<Set<LossMark>[]> {
  const fields = LOSS_MARKS.flatMap((field) => ['-e', `tcp.analysis.${field}`]);
  const argv = ['-n', '-r', file, '-T', 'fields', ...fields];
  const { stdout } = await promisify(execFile)('tshark', argv, { maxBuffer: MAX_TEXT });
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const cells = line.split('\t');
      return new Set(LOSS_MARKS.filter((_, at) => (cells[at] ?? '') !== ''));
    });
}

function read(line: string): Analysed {
  const [ackRtt, acks, initialRtt] = line.split('\t');
  return {
    ackRtt: nanoseconds(ackRtt),
    acks: acks ? Number(acks) - 1 : undefined,
    initialRtt: nanoseconds(initialRtt),
  };
}

/** Of seconds with nine decimals. */
function nanoseconds(text: string | undefined): number | undefined {
  return text ? Math.round(Number(text) * 1e9) : undefined;
}
