/** Reads Prometheus' text format (version 0.0.4) strictly: what it does not know it refuses. */

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadFamily {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly ReadSample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HEAD = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? ([-+0-9.e]+|[+-]Inf|NaN)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;

/** By name. Throws an Error that says which line is wrong. */
export function readExposition(text: string): Map<string, ReadFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, { help: string; type: string; samples: ReadSample[] }>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, word, name = '', rest = ''] = HEAD.exec(line) ?? [];
    if (word === 'HELP') {
      if (families.has(name)) throw new Error(`a second HELP: ${line}`);
      families.set(name, { help: rest, type: '', samples: [] });
      current = name;
    } else if (word === 'TYPE') {
      const family = families.get(name);
      if (name !== current || !family || family.type !== '') throw new Error(`not here: ${line}`);
      family.type = rest;
    } else {
      const sample = sampleIn(line);
      const family = families.get(current);
      if (!family || !belongs(sample.name, current, family.type)) throw new Error(`whose? ${line}`);
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(key)) throw new Error(`again: ${line}`);
      seen.add(key);
      family.samples.push(sample);
    }
  }
  return families;
}

/** The value of one sample. */
export function metricValue(
  families: ReadonlyMap<string, ReadFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  const samples = [...families.values()].flatMap((family) => family.samples);
  return samples.find(
    (sample) =>
      sample.name === name && JSON.stringify(Object.entries(sample.labels).sort()) === wanted,
  )?.value;
}

function belongs(name: string, family: string, type: string): boolean {
  if (type !== 'histogram') return name === family;
  return ['_bucket', '_sum', '_count'].some((suffix) => name === `${family}${suffix}`);
}

function sampleIn(line: string): ReadSample {
  const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`not understood: ${line}`);
  return { name, labels: labelsIn(labels), value: Number(value?.replace('Inf', 'Infinity')) };
}

function labelsIn(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== ''; ) {
    const [all, name = '', value = ''] = LABEL.exec(rest) ?? [];
    if (all === undefined || name in labels) throw new Error(`labels not understood: ${text}`);
    labels[name] = value.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter));
    rest = rest.slice(all.length);
  }
  return labels;
}
