/** Completion for bash, without any help but its own. */
import { type Completion, type Outline, type OutlinedOption, takesArgument } from './outline.js';

export function bashCompletion({ groups, commands }: Outline): string {
  const options = groups.flatMap((group) => group.options);
  const names = options.flatMap((option) => option.names);
  return [
    '# bash completion for pping; made by: pping completion bash',
    '_pping() {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
    '  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}',
    '  COMPREPLY=()',
    // A command that is still being typed is none yet.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
    '  (( COMP_CWORD > 1 )) && case ${COMP_WORDS[1]} in',
    ...commands.map(({ name, completion, options }) =>
      caseOf(
        name,
        `if [[ $current != -* ]]; then ${replyWith(completion)}; else ${wordsFrom(namesOf(options))}; fi; return`,
      ),
    ),
    '  esac',
    '  case $previous in',
    ...options.filter(takesArgument).map(caseOfOption),
    '  esac',
    `  if [[ $current == -* || $COMP_CWORD != 1 ]]; then ${wordsFrom(names)}`,
    `  else ${wordsFrom(commands.map(({ name }) => name))}; fi`,
    '}',
    'complete -F _pping pping',
    '',
  ].join('\n');
}

function caseOfOption({ names, completion }: OutlinedOption): string {
  return caseOf(names.join('|'), `${replyWith(completion)}; return`);
}

function caseOf(pattern: string, body: string): string {
  return `    ${pattern}) ${body} ;;`;
}

function namesOf(options: readonly OutlinedOption[]): string[] {
  return options.flatMap(({ names }) => [...names]);
}

function replyWith(completion: Completion): string {
  if (completion === 'none') return ':';
  if (completion === 'file') {
    // Names may have spaces.
    return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current")';
  }
  if (completion === 'interface') {
    return 'COMPREPLY=($(compgen -W "$(ls /sys/class/net 2>/dev/null)" -- "$current"))';
  }
  if (completion === 'netns') {
    return 'COMPREPLY=($(compgen -W "all $(ls /run/netns 2>/dev/null)" -- "$current"))';
  }
  return wordsFrom(completion);
}

function wordsFrom(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$current"))`;
}
