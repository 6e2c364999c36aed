/** Prometheus and its promtool, as Debian has them. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasEnded } from '../../../lab/child.js';
import type { Namespace } from '../../../lab/netns.js';
import { until } from '../../../lab/until.js';

const DEADLINE_MS = 60_000;
const LISTENS = '127.0.0.1:9090';

/** Throws where it is not installed. */
export function requirePrometheus(): void {
  const missing = ['prometheus', 'promtool'].find(
    (program) => spawnSync(program, ['--version']).error,
  );
  if (missing !== undefined) throw new Error(`${missing} is missing: install prometheus`);
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Asks from inside a namespace. Rejects where nobody answers, with the error's code in its message. */
export async function fetchIn(ns: Namespace, url: string): Promise<Answer> {
  const [answer] = await fetchAllIn(ns, [url]);
  return answer as Answer;
}

/** Likewise, one after the other, with one process. */
async function fetchAllIn(ns: Namespace, urls: readonly string[]): Promise<Answer[]> {
  const program = `
    const { get } = await import('node:http');
    const answerOf = (url) => new Promise((resolve, reject) => {
      get(url, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text) => { body += text; });
        response.on('end', () => {
          const { statusCode: status, headers } = response;
          resolve({ status, headers, body });
        });
      }).on('error', reject);
    });
    const answers = [];
    for (const url of process.argv.slice(1)) answers.push(await answerOf(url));
    process.stdout.write(JSON.stringify(answers));`;
  const argv = [process.execPath, '--input-type=module', '--eval', program, ...urls];
  return JSON.parse(await ns.run(argv)) as Answer[];
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus {
  /** The value of each series now, or at a time (s since the epoch). */
  query(expression: string, time?: number): Promise<Series[]>;
  /** Many, now. */
  queryAll(expressions: readonly string[]): Promise<Series[][]>;
}

/** It ends with the namespace. @param folder for its data. @param config as prometheus.yml has it; JSON is YAML, too */
export async function startPrometheus(
  ns: Namespace,
  folder: string,
  config: object,
): Promise<Prometheus> {
  requirePrometheus();
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, JSON.stringify(config));
  const child = ns.spawn(
    [
      ...['prometheus', `--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`],
      ...[`--web.listen-address=${LISTENS}`, '--log.level=error'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await until(() => isReady(ns, child), 'Prometheus', DEADLINE_MS);
  return {
    async query(expression, time) {
      const [series = []] = await queryAll(ns, [expression], time);
      return series;
    },
    queryAll: (expressions) => queryAll(ns, expressions),
  };
}

async function isReady(ns: Namespace, child: ChildProcess): Promise<boolean> {
  if (hasEnded(child)) throw new Error('Prometheus ended at once');
  try {
    return (await fetchIn(ns, `http://${LISTENS}/-/ready`)).status === 200;
  } catch {
    return false; // it does not listen yet
  }
}

async function queryAll(
  ns: Namespace,
  expressions: readonly string[],
  time?: number,
): Promise<Series[][]> {
  const urls = expressions.map((query) => {
    const asked = new URLSearchParams({
      query,
      ...(time === undefined ? {} : { time: `${time}` }),
    });
    return `http://${LISTENS}/api/v1/query?${asked}`;
  });
  const answers = await fetchAllIn(ns, urls);
  return answers.map((answer, at) => seriesIn(answer, expressions[at]));
}

function seriesIn({ status, body }: Answer, expression = ''): Series[] {
  if (status !== 200) throw new Error(`${expression}: ${body}`);
  const { data } = JSON.parse(body) as { data: { result: Found[] } };
  return data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
}

interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}
