import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, quoteText, readRows } from '../duckdb.js';
import { failure } from '../errors.js';
import type { LakeveilError } from '../errors.js';
import type { CompiledPolicy } from './compile-policy.js';

/** A Parquet file that another program wrote, and the dataset that it is to be adopted as. */
export interface ForeignFile {
  /** Absolute, without links and without `*`, `?` and `[`, which DuckDB would expand. */
  readonly path: string;
  readonly pipeline: string;
  readonly policy: CompiledPolicy;
}

/** Types that hold one plain value; text without the mark that it is text is read as text. */
const PLAIN_TYPES =
  /^(VARCHAR|BOOLEAN|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|UUID|DATE|TIME|TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?)$/;

/** Reads text that older writers left unmarked, and takes no column from the names of folders. */
const READING = 'hive_partitioning = false, binary_as_string = true';

/**
 * Holds the columns of a file against the landing list: all of its names, in any order, and no other. Names and types
 * that the landing list does not have are counted, never told.
 * @returns the type of each landing column in the file, in the order of the landing list
 * @throws E_ADOPT
 */
export async function readForeignTypes(
  connection: DuckDBConnection,
  file: ForeignFile,
): Promise<readonly string[]> {
  const found = await describe(connection, file);
  const names = file.policy.columns.map(({ landing }) => landing.name);
  const others = [...found.keys()].filter((name) => !names.includes(name)).length;
  if (others > 0) throw refuseFile(file, `it has ${others} columns that the landing list does not name`);
  return names.map((name) => {
    const type = found.get(name);
    if (type === undefined) throw refuseFile(file, `it has no column ${name}`);
    if (!PLAIN_TYPES.test(type)) throw refuseFile(file, `column ${name} does not hold plain values`);
    return type;
  });
}

/**
 * The file's rows with the landing list's types, as a query: `file_row_number`, the columns, and for each column
 * `"fits <n>"`: whether the cell became the landing type without loss, that is, casting back gives the same value.
 */
export function selectForeign(file: ForeignFile, types: readonly string[]): string {
  const columns = file.policy.columns.flatMap(({ landing }, i) => {
    const [name, from] = [quoteName(landing.name), types[i] ?? ''];
    const cast = `try_cast(${name} as ${landing.type})`;
    return [`${cast} as ${name}`, `${name} is not distinct from try_cast(${cast} as ${from}) as "fits ${i}"`];
  });
  const rows = `read_parquet(${quoteText(file.path)}, ${READING}, file_row_number = true)`;
  return `select file_row_number, ${columns.join(', ')} from ${rows}`;
}

export function refuseFile({ pipeline }: Pick<ForeignFile, 'pipeline'>, why: string): LakeveilError {
  return failure('E_ADOPT', { why, pipeline });
}

async function describe(
  connection: DuckDBConnection,
  file: ForeignFile,
): Promise<ReadonlyMap<string, string>> {
  const source = `read_parquet(${quoteText(file.path)}, ${READING})`;
  try {
    const rows = await readRows(
      connection,
      `select column_name, column_type from (describe select * from ${source})`,
    );
    return new Map(rows.map((row) => [String(row['column_name']), String(row['column_type'])]));
  } catch {
    throw refuseFile(file, 'it cannot be read as Parquet');
  }
}
