/** Completion for zsh. */
import type { Completion, Outline, OutlinedCommand, OutlinedOption } from './outline.js';

export function zshCompletion({ groups, commands }: Outline): string {
  const options = groups.flatMap((group) => group.options);
  const names = commands.map(({ name, description }) => quoted(`${name}:${plain(description)}`));
  return [
    '#compdef pping',
    '# zsh completion for pping; made by: pping completion zsh',
    '_pping() {',
    '  case $words[2] in',
    ...commands.map(subcommand),
    '  esac',
    `  local -a commands=(${names.join(' ')})`,
    `  (( CURRENT == 2 )) && [[ $PREFIX != -* ]] && _describe command commands && return`,
    `  _arguments -s ${options.flatMap(specsOf).join(' \\\n    ')}`,
    '}',
    // Loaded by compinit it is the function's body, and has to be called; sourced, it is to be registered.
    'if [[ $funcstack[1] == _pping ]]; then _pping "$@"; else compdef _pping pping; fi',
    '',
  ].join('\n');
}

function subcommand({ name, completion, options }: OutlinedCommand): string {
  const specs = options.flatMap(specsOf);
  const argument = completion === 'none' ? [] : [quoted(`*:${name}:${action(completion)}`)];
  const all = [quoted(`1:command:(${name})`), ...specs, ...argument];
  return `    ${name}) _arguments ${all.join(' ')}; return ;;`;
}

/** One for each name: each excludes the other, unless both may be given again. */
function specsOf({ names, argument, description, completion, isRepeatable }: OutlinedOption) {
  const others = isRepeatable ? '*' : `(${names.join(' ')})`;
  const value = argument === undefined ? '' : argumentSpec(argument, completion);
  return names.map((name) => quoted(`${others}${name}[${plain(description)}]${value}`));
}

/** With two colons it may be left out. */
function argumentSpec(argument: string, completion: Completion): string {
  const colons = argument.startsWith('[') ? '::' : ':';
  return `${colons}${plain(argument.replace(/[<>[\]]/g, ''))}:${action(completion)}`;
}

function action(completion: Completion): string {
  if (completion === 'file') return '_files';
  if (completion === 'interface') return '_net_interfaces';
  if (completion === 'netns') return '(all $(ls /run/netns 2>/dev/null))';
  return completion === 'none' ? ' ' : `(${completion.join(' ')})`;
}

/** Brackets and colons divide a specification. */
function plain(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
