/** A terminal that only adds characters: it shows what colours and cursor movements are made of as text. */
export function isDumbTerminal(): boolean {
  return process.env.TERM === 'dumb';
}

/** Whether the environment lets colours be printed, where there is a terminal. */
export function areColorsAllowed(): boolean {
  return !process.env.NO_COLOR && !isDumbTerminal();
}
