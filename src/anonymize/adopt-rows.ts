import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { custodyQuery, readCustody } from '../custody.js';
import { duckErrorKind, isDiskError, openRoom, quoteName, quoteText, readRows, toNumber } from '../duckdb.js';
import { failure, LakeveilError } from '../errors.js';
import type { MaskedSegment } from '../record.js';
import type { ForeignFile } from './foreign-columns.js';
import { readForeignTypes, refuseFile, selectForeign } from './foreign-columns.js';

export interface AdoptRowsOptions extends ForeignFile {
  /** This run's staging folder, the only one that the room can write to. */
  readonly stagingDir: string;
  readonly rowsPerPart: number;
  readonly memoryLimitMb: number;
  readonly threads: number;
}

export interface AdoptedRows {
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
  const room = await openRoom({
    allowedDirectories: [options.stagingDir],
    allowedPaths: [options.path],
    tempDirectory: '',
    memoryLimitMb: options.memoryLimitMb,
    threads: options.threads,
  });
  try {
    const connection = await room.connect();
    const types = await readForeignTypes(connection, options);
    const foreign = selectForeign(options, types);
    const rows = await proveCells(connection, options, foreign);
    const segments: MaskedSegment[] = [];
    for (let part = 0; part === 0 || part * options.rowsPerPart < rows; part++) {
      segments.push(await writePart(connection, options, foreign, part));
    }
    const written = segments.reduce((sum, { custody }) => sum + custody.rows, 0);
    if (written !== rows) throw refuseFile(options, 'it changed while it was read');
    connection.closeSync();
    return { segments, rows };
  } catch (error) {
    throw tell(error, options);
  } finally {
    room.closeSync();
  }
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
    if (count > 0) throw refuseFile({ pipeline }, why);
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

function tell(error: unknown, options: AdoptRowsOptions): LakeveilError {
  if (error instanceof LakeveilError) return error;
  const kind = duckErrorKind(error);
  if (kind === 'Out of Memory') return failure('E_MEMORY', { limit_mb: options.memoryLimitMb });
  if (isDiskError(error)) return failure('E_DISK', { path: 'the staging folder', kind });
  return refuseFile(options, 'its cells cannot be read');
}
