// Whose connections the monitor's lines say they are, against what is known of them.

/** As much of a line about a flow as tells whose it is (docs/ndjson.md). */
export interface FlowLine {
  readonly flow_event?: string;
  readonly src_ip: string;
  readonly src_port: number;
  readonly dest_ip: string;
  readonly dest_port: number;
  readonly cgroup?: string;
  readonly pid?: number;
  readonly comm?: string;
  readonly protocol?: string;
}

/** The address of processes with one connection each; others have the lab's. */
export const BRIEF_ADDRESS = '10.77.0.4';
/** As in churn/brief.c: the port that stands for a process. */
const [FIRST_OWN_PORT, OWN_PORTS] = [1_024, 60_000];
const CHURN = 'churn';
const DATAGRAMS = 'datagrams';
const SHOWN = 3;

export class OwnerLedger {
  /** Lines with a process. */
  right = 0;
  wrong = 0;
  /** Of those that are right: of processes with one connection. */
  brief = 0;
  /** Of connections, and how many of those have no process. */
  closings = 0;
  untold = 0;
  /** The first that are wrong. */
  readonly examples: string[] = [];
  #client: number | undefined;
  #datagrams: number | undefined;

  /** @param pid of the process that opens all other connections */
  expect(pid: number | undefined): void {
    this.#client = pid;
  }

  /** @param pid of the process that sends all that is not TCP */
  expectDatagrams(pid: number): void {
    this.#datagrams = pid;
  }

  /** @param text the same line, to be shown */
  take(line: FlowLine, text: string): void {
    const isClosing = line.flow_event === 'closing';
    this.closings += Number(isClosing);
    if (line.pid === undefined) this.untold += Number(isClosing);
    else if (this.#isRight(line, line.pid)) this.right++;
    else this.#takeWrong(text);
  }

  #isRight(line: FlowLine, pid: number): boolean {
    if (line.protocol !== undefined && line.protocol !== 'TCP')
      return pid === this.#datagrams && line.comm === DATAGRAMS;
    const port = briefPortOf(line);
    if (port === undefined) return pid === this.#client && line.comm === CHURN;
    const isRight = port === FIRST_OWN_PORT + (pid % OWN_PORTS) && isInItsCgroup(line);
    this.brief += Number(isRight);
    return isRight;
  }

  #takeWrong(text: string): void {
    this.wrong++;
    if (this.examples.length < SHOWN) this.examples.push(text);
  }
}

function briefPortOf({ src_ip, src_port, dest_ip, dest_port }: FlowLine): number | undefined {
  if (src_ip === BRIEF_ADDRESS) return src_port;
  return dest_ip === BRIEF_ADDRESS ? dest_port : undefined;
}

/** It is called as the process is, and may be gone before its name is asked for. */
function isInItsCgroup({ comm, cgroup }: FlowLine): boolean {
  return comm !== undefined && (cgroup === undefined || cgroup.endsWith(`/${comm}`));
}
