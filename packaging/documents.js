// documents.js FOLDER: README.md, CHANGELOG.md and docs/ in there lead only to what is there, too. share/ of the
// repository is installed as examples/. A link to anything else that is missing becomes its text.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [folder = ''] = process.argv.slice(2);

for (const name of readdirSync(folder, { recursive: true })) {
  if (!name.endsWith('.md')) continue;
  const path = join(folder, name);
  const text = readFileSync(path, 'utf8');
  const made = text.replace(/(!?)\[([^\]]*)\]\(([^)\s]+)\)/g, (_, picture, label, link) => {
    const found = installed(dirname(path), link);
    return found === undefined ? label : `${picture}[${label}](${found})`;
  });
  if (made !== text) writeFileSync(path, made);
}

/** @returns undefined where it leads nowhere */
function installed(from, link) {
  const [file, ...anchor] = link.split('#');
  if (/^[a-z]+:/.test(link) || file === '') return link;
  const places = [file, file.replace(/^((?:\.\.\/)?)share(?=\/|$)/, '$1examples')];
  const place = places.find((each) => existsSync(join(from, each)));
  return place && [place, ...anchor].join('#');
}
