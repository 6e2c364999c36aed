import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { end } from '../../lab/child.js';
import { until } from '../../lab/until.js';
import { Ledger } from '../../soak/ledger.js';
import { Output } from '../../soak/output.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const file = useTemporaryFolder();
let shell: ChildProcess;

afterEach(() => end(shell));

function flowLine(event: string): string {
  return `{"type":"flow","flow_event":"${event}","flow_id":7}`;
}

test('what was replaced is read to its end before what has replaced it', async () => {
  const path = file('run');
  shell = spawn('sh', [], { stdio: ['pipe', 'inherit', 'inherit'] });
  const tell = (command: string) => shell.stdin?.write(`${command}\n`);
  tell(`exec 3>>${path}; echo '${flowLine('opening')}' >&3`);
  const ledger = new Ledger(1);
  const monitor = { pid: Number(shell.pid), signal: () => tell(`exec 4>>${path}`) };
  await until(() => existsSync(path), 'an output');
  const output = new Output(path, monitor, ledger);
  await output.rotate();
  tell(`echo '${flowLine('opening')}' >&4`);
  await sleep(SEVERAL_READS_MS);
  tell(`echo '${flowLine('closing')}' >&3; exec 3>&-`);
  await output.settled();
  await until(() => ledger.lines === 3, 'all lines');
  output.close();
  expect([ledger.openings, ledger.closings, ledger.disordered]).toEqual([2, 1, 0]);
});

const SEVERAL_READS_MS = 50;
