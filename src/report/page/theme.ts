/** Light or dark, as the system has it until told otherwise; paper is light. */
import { button } from './dom.js';

/** What canvases are painted with, from the style sheet. */
export interface Colors {
  readonly text: string;
  readonly grid: string;
  readonly line: string;
  readonly band: string;
  readonly bar: string;
  readonly baseline: string;
  readonly loss: string;
  readonly governor: string;
  readonly visibility: string;
  readonly route: string;
}

const root = document.documentElement;
const system = matchMedia('(prefers-color-scheme: dark)');

export function colors(): Colors {
  const style = getComputedStyle(root);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: color('muted'),
    grid: color('grid'),
    line: color('line'),
    band: color('band'),
    bar: color('bar'),
    baseline: color('baseline'),
    loss: color('loss'),
    governor: color('governor'),
    visibility: color('visibility'),
    route: color('route'),
  };
}

/** @param onChange what is painted has to be painted again */
export function themeButton(onChange: () => void): HTMLElement {
  const made = button('', () => use(isDark() ? 'light' : 'dark'), { class: 'theme' });
  const use = (theme: string | undefined) => {
    if (theme === undefined) delete root.dataset.theme;
    else root.dataset.theme = theme;
    made.textContent = isDark() ? 'Light' : 'Dark';
    made.setAttribute('aria-label', `${made.textContent} colours`);
    onChange();
  };
  made.textContent = isDark() ? 'Light' : 'Dark';
  made.setAttribute('aria-label', `${made.textContent} colours`);
  system.addEventListener('change', () => use(root.dataset.theme));
  onPrint(use);
  return made;
}

function isDark(): boolean {
  const { theme } = root.dataset;
  return theme === undefined ? system.matches : theme === 'dark';
}

function onPrint(use: (theme: string | undefined) => void): void {
  let before: string | undefined;
  addEventListener('beforeprint', () => {
    before = root.dataset.theme;
    root.classList.add('printing');
    use('light');
  });
  addEventListener('afterprint', () => {
    root.classList.remove('printing');
    use(before);
  });
}
