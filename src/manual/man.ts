/** The manual page, as roff with the man macros (man(7)). */
import { EXAMPLES } from '../options/command.js';
import { withTerms } from '../options/row.js';
import type { Outline, OutlinedCommand, OutlinedGroup, OutlinedOption } from './outline.js';
import { AFTER_OPTIONS, DESCRIPTION, type Section } from './sections.js';

export function manPage({ groups, commands, description }: Outline, version: string): string {
  return [
    `.TH PPING 1 "" "pping ${version}" "User Commands"`,
    '.SH NAME',
    `pping \\- ${escaped(description.replace(/^Passive RTT monitor: (.*)\.$/, 'passive RTT monitor: $1'))}`,
    '.SH SYNOPSIS',
    '.B pping',
    '.RI [ options ]',
    '.B \\-i',
    '.I interface',
    '.RI [ filter ]',
    '.br',
    '.B pping',
    '.RI [ options ]',
    '.B \\-r',
    '.IR capture ...',
    '.RI [ filter ]',
    ...commands.flatMap(synopsisOf),
    ...sectionLines(DESCRIPTION),
    '.SH OPTIONS',
    ...groups.flatMap(groupLines),
    '.SH COMMANDS',
    ...commands.flatMap(commandLines),
    '.SH EXAMPLES',
    ...EXAMPLES.flatMap(([line, text]) => ['.TP', `.B ${escaped(line)}`, escaped(text)]),
    ...AFTER_OPTIONS.flatMap(sectionLines),
    '',
  ].join('\n');
}

function synopsisOf({ name, options, arguments: text }: OutlinedCommand): string[] {
  const taken = options.length === 0 ? [] : ['.RI [ options ]'];
  return [
    '.br',
    `.B pping ${name}`,
    ...taken,
    ...(text === '' ? [] : [`.I ${escaped(bare(text))}`]),
  ];
}

function groupLines({ heading, note, options }: OutlinedGroup): string[] {
  const paragraph = note === undefined ? [] : [safeStart(escaped(note))];
  return [`.SS ${escaped(heading)}`, ...paragraph, ...options.flatMap(optionLines)];
}

function optionLines({ names, argument, description, terms }: OutlinedOption): string[] {
  const flags = names.map((name) => `\\fB${escaped(name)}\\fR`).join(', ');
  const what = argument === undefined ? '' : ` \\fI${escaped(bare(argument))}\\fR`;
  return ['.TP', `${flags}${what}`, safeStart(escaped(withTerms(description, terms)))];
}

function commandLines({ name, arguments: text, description, options }: OutlinedCommand): string[] {
  return [
    '.TP',
    `\\fBpping ${name}\\fR${text === '' ? '' : ` \\fI${escaped(bare(text))}\\fR`}`,
    escaped(description),
    ...(options.length > 0 ? ['.RS', ...options.flatMap(optionLines), '.RE'] : []),
  ];
}

function sectionLines({ heading, paragraphs, items = [] }: Section): string[] {
  return [
    `.SH ${heading}`,
    ...paragraphs.flatMap((text) => ['.PP', safeStart(escaped(text))]),
    ...items.flatMap(([term, text]) => ['.TP', `.B ${escaped(term)}`, safeStart(escaped(text))]),
  ];
}

function bare(argument: string): string {
  return argument.replace(/[<>]/g, '');
}

/** Hyphens and quotes must stay those of ASCII, so that examples can be copied; double quotes would enclose arguments. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq');
}

/** A line that begins with a dot would be a request. */
function safeStart(text: string): string {
  return text.startsWith('.') ? `\\&${text}` : text;
}
