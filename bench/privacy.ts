import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteText } from '../src/base/duckdb.js';
import { atMost, formatFigures } from './figures.js';
import { BIN, measure } from './measure.js';

/**
 * `npm run bench:privacy`: measures 10,000,000 rows with six quasi-identifiers and a sensitive number in a Parquet file, by the
 * whole command.
 */
const ROWS = 10_000_000;
const QUASI = ['country', 'gender', 'age_group', 'profession', 'children', 'region'];
const draw = (seed: number, values: number): string => `hash(i, ${seed}) % ${values}`;

const dir = await mkdtemp(join(tmpdir(), 'lakeveil-bench-privacy-'));
try {
  const file = join(dir, 'people.parquet');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    `copy (select ${draw(0, 40)} || ' country' as country, ['f', 'm', 'x'][(1 + ${draw(1, 3)})::int] as gender,
       '[' || 10 * (${draw(2, 9)})::int || ']' as age_group, 'profession ' || ${draw(3, 12)} as profession,
       (${draw(4, 4)})::int as children, 'region ' || ${draw(5, 5)} as region, (${draw(6, 20)})::int as score
     from range(${ROWS}) as rows(i)) to ${quoteText(file)} (format parquet)`,
  );
  connection.closeSync();
  const words = ['privacy', file, '--quasi', QUASI.join(), '--sensitive', 'score', '--json'];
  const run = await measure([process.execPath, BIN, ...words]);
  const figures = [
    atMost('10,000,000 rows, 6 quasi-identifiers, 1 sensitive attribute', run.wallMs / 1000, 5, 's', run),
    atMost('  memory', run.peakMb, 2_000, 'MB', run),
  ];
  console.log(process.argv.includes('--json') ? JSON.stringify(figures) : formatFigures(figures));
  if (figures.some(({ isMet }) => !isMet)) process.exitCode = 1;
} finally {
  await rm(dir, { recursive: true, force: true });
}
