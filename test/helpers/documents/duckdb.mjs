// Stands in for DuckDB's command line, which Debian does not have: duckdb -csv -c <query>. The engine
// is the real one, and writes the values; only the commas are ours.
import { DuckDBInstance } from '@duckdb/node-api';

const [format, option, query, ...others] = process.argv.slice(2);
if (format !== '-csv' || option !== '-c' || query === undefined || others.length > 0) {
  process.stderr.write('usage: duckdb -csv -c <query>\n');
  process.exit(2);
}
const connection = await (await DuckDBInstance.create(':memory:')).connect();
const rows = await connection.runAndReadAll(`SELECT COLUMNS(*)::VARCHAR FROM (${query})`);
for (const row of [rows.columnNames(), ...rows.getRows()]) {
  process.stdout.write(`${row.join(',')}\n`);
}
