/** Settings -> the options that ask for them. */
import { DEFAULT_SETTINGS, type Settings } from '../sampling/policy.js';
import { longOf } from './row.js';
import { ROWS } from './table.js';

type Write = (value: unknown, settings: Settings) => string | undefined;

/** In one line, as Settings has them, without those that are off. */
export function settingsText(settings: Settings): string {
  const keys = Object.keys(DEFAULT_SETTINGS) as (keyof Settings)[];
  return keys.flatMap((key) => optionText(key, settings)).join(' ');
}

/** One text for each option, of those that are not as they are by default. */
export function changedSettings(settings: Settings): string[] {
  const keys = Object.keys(DEFAULT_SETTINGS) as (keyof Settings)[];
  return keys
    .filter((key) => settings[key] !== DEFAULT_SETTINGS[key])
    .flatMap((key) => optionText(key, settings));
}

/** What is no option's is the governor's. */
function optionText(key: keyof Settings, settings: Settings): string[] {
  const row = ROWS.find(({ sets }) => sets === `settings.${key}`);
  const argument = (row?.write as Write | undefined)?.(settings[key], settings);
  if (row === undefined || argument === undefined) return [];
  return [argument === '' ? longOf(row) : `${longOf(row)} ${argument}`];
}
