/** Completion for fish. */
import {
  type Completion,
  type Outline,
  type OutlinedCommand,
  type OutlinedOption,
  takesArgument,
} from './outline.js';

export function fishCompletion({ groups, commands }: Outline): string {
  const options = groups.flatMap((group) => group.options);
  const names = commands.map(({ name }) => name);
  return [
    '# fish completion for pping; made by: pping completion fish',
    'function __pping_in --description "Whether this is a command of these"',
    '  set -l words (commandline -opc)',
    '  test (count $words) -gt 1; and contains -- $words[2] $argv',
    'end',
    'function __pping_is_first --description "Whether this is the first word"',
    '  test (count (commandline -opc)) -eq 1',
    'end',
    // The word just before it is the option whose argument is being typed.
    'function __pping_lacks --description "Whether none of these options has its argument yet"',
    '  set -l words (commandline -opc)',
    '  for name in $argv',
    '    contains -- $name $words[1..-2]; and return 1',
    '    string match -q -- "$name=*" $words; and return 1',
    '  end',
    '  return 0',
    'end',
    'complete -c pping -f',
    ...commands.map(({ name, description }) =>
      line('__pping_is_first', [`-a ${name}`, ...words(description)]),
    ),
    ...options.map((option) => optionLine(`not __pping_in ${names.join(' ')}`, option)),
    ...commands.flatMap(subcommand),
    '',
  ].join('\n');
}

function subcommand({ name, completion, options }: OutlinedCommand): string[] {
  const where = `__pping_in ${name}`;
  const argument = argumentOf(completion);
  return [
    ...(argument === '' ? [] : [line(where, [argument])]),
    ...options.map((option) => optionLine(where, option)),
  ];
}

/** Once it has been given it is offered again only if it is repeatable. */
function optionLine(where: string, option: OutlinedOption): string {
  const { names, description, completion, isRepeatable } = option;
  const flags = names.map(flagOf);
  const value = takesArgument(option)
    ? [completion === 'file' ? '-r' : '-x', argumentOf(completion, description)]
    : [];
  const lacks = takesArgument(option)
    ? `__pping_lacks ${names.join(' ')}`
    : `not __fish_contains_opt ${flags.join(' ').replaceAll('-l ', '')}`;
  const condition = isRepeatable ? where : `${where}; and ${lacks}`;
  return line(condition, [...flags, ...value, ...words(description)]);
}

function flagOf(name: string): string {
  return name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`;
}

function line(condition: string, parts: readonly string[]): string {
  const all = [`complete -c pping -n ${quoted(condition)}`, ...parts];
  return all.filter((part) => part !== '').join(' ');
}

/** Nothing else is offered, but for files. */
function argumentOf(completion: Completion, description = ''): string {
  if (completion === 'file') return '-F';
  if (completion === 'interface') return `-a ${quoted('(__fish_print_interfaces)')}`;
  if (completion === 'netns') return `-a ${quoted('all (ls /run/netns 2>/dev/null)')}`;
  if (completion === 'none') return '';
  return `-a ${quoted(completion.map((choice) => choiceOf(choice, description)).join(' '))}`;
}

/** With its own words, where they are in those of the option: `human: lines to read; pping: ...`. */
function choiceOf(choice: string, description: string): string {
  const own = description.split('; ').find((part) => part.startsWith(`${choice}: `));
  return own === undefined ? choice : `${choice}\\t${quoted(own.slice(choice.length + 2))}`;
}

function words(description: string): string[] {
  return [`-d ${quoted(description)}`];
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
