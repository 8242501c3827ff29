import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { custodyQuery, readCustody } from '../base/custody.js';
import {
  quoteName,
  quoteText,
  readRows,
  STAGING_FOLDER,
  toFailure,
  toNumber,
  withInstance,
} from '../base/duckdb.js';
import { failure, type LakeveilError } from '../base/errors.js';
import type { MaskedSegment } from '../base/types/record.js';
import type { CompiledPolicy } from './compile-policy.js';

interface AdoptRowsOptions extends ForeignFile {
  /** This run's staging folder, the only one that the room can write to. */
  readonly stagingDir: string;
  readonly rowsPerPart: number;
  readonly memoryLimitMb: number;
  readonly threads: number;
}

interface AdoptedRows {
  /** In the order of the file; a part for every `rowsPerPart` rows. */
  readonly segments: readonly MaskedSegment[];
  readonly rows: number;
}

/**
 * Takes in Parquet that another program wrote, as masked as the policy would have made it: every cell must have the
 * shape of its column, else nothing is written. The file may hold raw values, so the room sees it and the staging
 * folder only, and does not spill; and the query that writes has the shapes in its own condition.
 * @throws E_ADOPT for other columns or types, E_SHAPE, E_MEMORY, E_DISK
 */
export async function adoptRows(options: AdoptRowsOptions): Promise<AdoptedRows> {
  const { stagingDir, path, memoryLimitMb, threads } = options;
  const room = { allowedDirectories: [stagingDir], allowedPaths: [path], memoryLimitMb, threads };
  try {
    return await withInstance(room, (connection) => adoptOn(connection, options));
  } catch (error) {
    throw toFailure(error, { path: STAGING_FOLDER, memoryLimitMb }, () =>
      fileFailure(options, 'its cells cannot be read'),
    );
  }
}

async function adoptOn(connection: DuckDBConnection, options: AdoptRowsOptions): Promise<AdoptedRows> {
  const types = await readForeignTypes(connection, options);
  const foreign = selectForeign(options, types);
  const rows = await proveCells(connection, options, foreign);
  const segments: MaskedSegment[] = [];
  for (let part = 0; part === 0 || part * options.rowsPerPart < rows; part++) {
    segments.push(await writePart(connection, options, foreign, part));
  }
  const written = segments.reduce((sum, { custody }) => sum + custody.rows, 0);
  if (written !== rows) throw fileFailure(options, 'it changed while it was read');
  return { segments, rows };
}

/** Every cell fits and has its shape. Shapes come first, for a miss of one is the graver fault. Gives the rows. */
async function proveCells(
  connection: DuckDBConnection,
  { policy, pipeline }: ForeignFile,
  foreign: string,
): Promise<number> {
  const counts = policy.columns.flatMap(({ landing, shape }, i) => [
    `count(*) filter (${quoteName(landing.name)} is not null and (${shape}) is not true) as "missed ${i}"`,
    `count(*) filter (not "fits ${i}") as "lossy ${i}"`,
  ]);
  const [row] = await readRows(
    connection,
    `select count(*) as "rows", ${counts.join(', ')} from (${foreign})`,
  );
  for (const [i, { landing }] of policy.columns.entries()) {
    const { name: column, treatment } = landing;
    const count = toNumber(row?.[`missed ${i}`]);
    const { dataset } = policy;
    if (count > 0)
      throw failure('E_SHAPE', { count, column, dataset, treatment }, { dataset, stage: 'adopt' });
  }
  for (const [i, { landing }] of policy.columns.entries()) {
    const count = toNumber(row?.[`lossy ${i}`]);
    const why = `${count} cells of column ${landing.name} are not ${landing.type} without loss`;
    if (count > 0) throw fileFailure({ pipeline }, why);
  }
  return toNumber(row?.['rows']);
}

async function writePart(
  connection: DuckDBConnection,
  { policy, stagingDir, rowsPerPart }: AdoptRowsOptions,
  foreign: string,
  part: number,
): Promise<MaskedSegment> {
  const names = policy.columns.map(({ landing }) => landing.name);
  const first = part * rowsPerPart;
  const proven = policy.columns.map(
    ({ landing, shape }, i) => `"fits ${i}" and (${quoteName(landing.name)} is null or (${shape}))`,
  );
  const rows = `select ${part} as "page", (file_row_number - ${first})::integer as "position", ${names.map(quoteName).join(', ')}
    from (${foreign})
    where file_row_number >= ${first} and file_row_number < ${first + rowsPerPart} and ${proven.join(' and ')}`;
  const path = join(stagingDir, `${policy.dataset}.adopted-${String(part).padStart(4, '0')}.parquet`);
  const [row] = await readRows(connection, custodyQuery(names, `(${rows})`));
  await connection.run(`copy (${rows}) to ${quoteText(path)} (format parquet, compression snappy)`);
  const custody = readCustody(names, row);
  return { dataset: policy.dataset, part, path, firstPage: part, custody } as MaskedSegment;
}

/** A Parquet file that another program wrote, and the dataset that it is to be adopted as. */
interface ForeignFile {
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
async function readForeignTypes(connection: DuckDBConnection, file: ForeignFile): Promise<readonly string[]> {
  const found = await describe(connection, file);
  const names = file.policy.columns.map(({ landing }) => landing.name);
  const listed = new Set(file.policy.columns.flatMap(({ landing }) => (landing.each ? landing.name : [])));
  const others = [...found.keys()].filter((name) => !names.includes(name)).length;
  if (others > 0) throw fileFailure(file, `it has ${others} columns that the landing list does not name`);
  return names.map((name) => {
    const type = found.get(name);
    if (type === undefined) throw fileFailure(file, `it has no column ${name}`);
    const isList = type.endsWith('[]') && listed.has(name);
    if (!PLAIN_TYPES.test(isList ? type.slice(0, -2) : type))
      throw fileFailure(file, `column ${name} does not hold plain values`);
    return type;
  });
}

/**
 * The file's rows with the landing list's types, as a query: `file_row_number`, the columns, and for each column
 * `"fits <n>"`: whether the cell became the landing type without loss, that is, casting back gives the same value.
 */
function selectForeign(file: ForeignFile, types: readonly string[]): string {
  const columns = file.policy.columns.flatMap(({ landing }, i) => {
    const [name, from] = [quoteName(landing.name), types[i] ?? ''];
    const cast = `try_cast(${name} as ${landing.type})`;
    return [`${cast} as ${name}`, `${name} is not distinct from try_cast(${cast} as ${from}) as "fits ${i}"`];
  });
  const rows = `read_parquet(${quoteText(file.path)}, ${READING}, file_row_number = true)`;
  return `select file_row_number, ${columns.join(', ')} from ${rows}`;
}

function fileFailure({ pipeline }: Pick<ForeignFile, 'pipeline'>, why: string): LakeveilError {
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
    throw fileFailure(file, 'it cannot be read as Parquet');
  }
}
