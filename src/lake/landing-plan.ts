import { quoteName, quoteTextList } from '../base/duckdb.js';
import type { MaskedSegment } from '../base/types/record.js';

/** A landed column with the predicate that all of its values satisfy. */
export interface LandedColumn {
  readonly name: string;
  /** DuckDB type, as the landing list has it. */
  readonly type: string;
  readonly treatment: string;
  readonly shape: string;
}

/** What is decided of a dataset, as far as landing needs it. */
export interface LandingPlan {
  readonly dataset: string;
  readonly columns: readonly LandedColumn[];
  readonly primaryKey: readonly string[];
  readonly onDuplicate: 'keep_last' | 'keep_first' | 'fail';
  /** Columns that together may single a person out. */
  readonly quasiColumns: readonly string[];
  /** The column of the segments with the number of cells of a row that were withheld; null where none is counted. */
  readonly withheldColumn: string | null;
}

/** Parquet files as a relation, rows in the order of the files. A folder such as `env=prod` above them is no column. */
export function relationOf(paths: readonly string[]): string {
  return `read_parquet(${quoteTextList(paths)}, hive_partitioning = false)`;
}

/**
 * The rows of a part, in (page, position) order: segments are sorted and named in order, and DuckDB keeps the order
 * of a scan; only a join with the rows that do not land could disturb it.
 */
export function selectPart(
  columns: readonly LandedColumn[],
  segments: readonly MaskedSegment[],
  dropped: string | null,
): string {
  const list = columns.map(({ name }) => quoteName(name)).join(', ');
  const rows = `select ${list} from ${relationOf(segments.map(({ path }) => path))} as masked`;
  if (dropped === null) return rows;
  return `${rows}
    where not exists (select 1 from ${dropped} as dropped where dropped."page" = masked."page" and dropped."position" = masked."position")
    order by masked."page", masked."position"`;
}
