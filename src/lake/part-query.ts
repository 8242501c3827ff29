import { quoteName, quoteTextList } from '../duckdb.js';
import type { MaskedSegment } from '../record.js';
import type { LandedColumn } from './landing-plan.js';

/** Parquet files as a relation, rows in the order of the files. A folder such as `env=prod` above them is no column. */
export function relationOf(paths: readonly string[]): string {
  return `read_parquet(${quoteTextList(paths)}, hive_partitioning = false)`;
}

/**
 * The rows of a part, in (page, position) order: segments are sorted and named in order, and DuckDB keeps the order
 * of a scan; only a join with the losers could disturb it.
 */
export function selectPart(
  columns: readonly LandedColumn[],
  segments: readonly MaskedSegment[],
  losers: string | null,
): string {
  const list = columns.map(({ name }) => quoteName(name)).join(', ');
  const rows = `select ${list} from ${relationOf(segments.map(({ path }) => path))} as masked`;
  if (losers === null) return rows;
  return `${rows}
    where not exists (select 1 from ${losers} as loser where loser."page" = masked."page" and loser."position" = masked."position")
    order by masked."page", masked."position"`;
}
