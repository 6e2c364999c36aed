import { expect, test } from '@jest/globals';
import { parseInterfaceCounts } from '../../soak/ground.js';
import { complaintsIn } from '../../soak/kernel-log.js';

const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       9    0    0    0     0          0         0        0       9    0    0    0     0       0          0
   pp0: 20402658  111483    0    5    0     0          0         0 13807568  140702    0    3    0     0       0          0
`;

test("an interface's packets: received, and sent with those that the other end did not take", () => {
  expect(parseInterfaceCounts(DEV, 'pp0')).toEqual({ received: 111_483, sent: 140_705 });
  expect(parseInterfaceCounts(DEV, 'pp1')).toBeUndefined();
});

test('complaints of the kernel since a moment', () => {
  const log = [
    '[   10.000000] WARNING: CPU: 0 PID: 1 at kernel/bpf/verifier.c:1',
    '[   20.000000] pp0: renamed from pp1',
    '[   21.500000] BUG: unable to handle page fault',
    '[   22.000000] watchdog: BUG: soft lockup - CPU#1 stuck for 22s!',
  ];
  expect(complaintsIn(log.join('\n'), 15, [])).toEqual(log.slice(2));
});

test('that a task is blocked is a complaint where it is ours', () => {
  const log = [
    '[   20.000000] INFO: task kworker/1:2:4711 blocked for more than 122 seconds.',
    '[   20.100000]       Not tainted 6.18.0 #1',
    '[   20.200000] "echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.',
    '[   21.000000] INFO: task node:4712 blocked in I/O wait for more than 122 seconds.',
  ];
  expect(complaintsIn(log.join('\n'), 15, [])).toEqual([]);
  expect(complaintsIn(log.join('\n'), 15, [4711, 4712])).toEqual([log[0], log[3]]);
});
