/** docs/options.md: all options and commands, as tables. */
import type { Outline, OutlinedCommand, OutlinedGroup, OutlinedOption } from './outline.js';

const PREFACE =
  'All options of pping, as in `man pping` and `pping --help`. `make manual` writes this page from the option table. ' +
  'Durations have a unit (`ns`, `us`, `ms`, `s`, `m`, `h`). A repeatable option may be given several times.';

export function optionsPage({ groups, commands }: Outline): string {
  return [
    '# Options',
    wrapped(PREFACE),
    ...groups.map(groupText),
    '## Commands',
    ...commands.map(commandText),
  ]
    .join('\n\n')
    .concat('\n');
}

function groupText({ heading, note, options }: OutlinedGroup): string {
  const paragraph = note === undefined ? [] : [wrapped(prose(note))];
  return [`## ${prose(heading)}`, ...paragraph, table(options)].join('\n\n');
}

function commandText({ name, arguments: text, description, options }: OutlinedCommand): string {
  const head = code(`pping ${name} ${text}`.trim());
  return [
    `### ${head}`,
    ...[sentence(description)],
    ...(options.length > 0 ? [table(options)] : []),
  ].join('\n\n');
}

function table(options: readonly OutlinedOption[]): string {
  return ['| option | default | meaning |', '| --- | --- | --- |', ...options.map(line)].join('\n');
}

function line({
  names,
  argument,
  default: value = '',
  terms,
  description,
}: OutlinedOption): string {
  const head = code([names.join(', '), argument].filter(Boolean).join(' '));
  const others = terms.filter((term) => !term.startsWith('default: '));
  const meaning = others.length === 0 ? description : `${description} (${others.join('; ')})`;
  return `| ${head} | ${prose(value)} | ${prose(meaning)} |`.replace('|  |', '| |');
}

function sentence(text: string): string {
  return `${prose(text.charAt(0).toUpperCase() + text.slice(1))}.`;
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

/** What is typed becomes code: options, quoted arguments, commands, patterns, variables. */
const CODE =
  /(?<!\w)'[^']+'|(?<![\w-])(?:pping )?--?[a-z][\w-]*(?: (?:<\w+>|ndjson))?|pping report|(?<!\S)-(?= )|\*\.\w+|[A-Z]+_[A-Z]+/g;

/** Nothing in it means anything to Markdown, besides the code. */
function prose(text: string): string {
  const parts: string[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(CODE)) {
    parts.push(escaped(text.slice(end, index)), code(found.replace(/^'|'$/g, '')));
    end = index + found.length;
  }
  return [...parts, escaped(text.slice(end))].join('');
}

function escaped(text: string): string {
  return text.replace(/[\\`*_<|[\]]/g, '\\$&');
}

/** In lines of up to 100 columns. */
function wrapped(text: string): string {
  return text.replace(/(.{1,100})(?: |$)/g, '$1\n').trimEnd();
}
