/** CSV as RFC 4180 has it, read as a spreadsheet does. */

/** Rows by the names in the header. */
export function tableOf(text: string): Record<string, string>[] {
  const [header = [], ...rows] = text.trimEnd().split('\n').map(cellsOf);
  return rows.map((cells) => {
    if (cells.length !== header.length) throw new Error(`not as many cells as columns: ${cells}`);
    return Object.fromEntries(header.map((name, index) => [name, cells[index] as string]));
  });
}

function cellsOf(line: string): string[] {
  const cells = [...`${line},`.matchAll(/(?:"((?:[^"]|"")*)"|([^",]*)),/gy)];
  if (cells.map(([cell]) => cell).join('') !== `${line},`) throw new Error(`not CSV: ${line}`);
  return cells.map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain);
}
