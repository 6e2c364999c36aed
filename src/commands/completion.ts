/** pping completion: what makes a shell complete the options, printed. */
import { bashCompletion } from '../manual/bash.js';
import { fishCompletion } from '../manual/fish.js';
import { outline } from '../manual/outline.js';
import { zshCompletion } from '../manual/zsh.js';
import type { CompletionOptions } from '../options/options.js';
import { print } from '../stdio/print.js';

/** @returns the exit code */
export function completion({ shell }: CompletionOptions): number {
  const script = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }[shell];
  print(script(outline()));
  return 0;
}
