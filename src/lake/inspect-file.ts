import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { duckErrorKind, memoryFailure, readRows, toNumber } from '../base/duckdb.js';
import { hashFile, ignoreMissing, orDiskError } from '../base/files/durable.js';
import type { UnreadableFile } from '../base/files/stored-file.js';
import type { ManifestFile } from '../base/types/manifest.js';
import { type LandedColumn, relationOf } from './landing-plan.js';
import { findShapeMisses } from './proof.js';

/** Something in the lake that is not as it should be. `problem` holds counts and names of columns, never a value. */
export interface Problem {
  /** Relative to the lake's root, with forward slashes. */
  readonly path: string;
  readonly problem: string;
  /**
   * `privacy`: it may hold what should not be on a disk. `damage`: it is not what had landed. `loss`: rows are gone.
   * `newer`: a newer version wrote it.
   */
  readonly risk: 'privacy' | 'damage' | 'loss' | 'newer';
}

export function problemOf({ path, problem, kind }: UnreadableFile): Problem {
  return { path, problem, risk: kind === 'newer' ? 'newer' : 'damage' };
}

/** The columns of a Parquet file, in order. */
export type Structure = readonly Readonly<Pick<LandedColumn, 'name' | 'type'>>[];

/** Columns of a quarantine file: reasons, never a value. */
const QUARANTINE: Structure = [
  { name: 'page', type: 'INTEGER' },
  { name: 'position', type: 'INTEGER' },
  ...['code', 'path', 'keyword'].map((name) => ({ name, type: 'VARCHAR' })),
];

/** A landed file against its manifest: bytes, hash, structure, rows, and every cell's shape. */
export async function inspectFile(
  connection: DuckDBConnection,
  root: string,
  file: ManifestFile & { readonly path: string },
  columns: readonly LandedColumn[],
): Promise<Problem[]> {
  const { path } = file;
  const found = await findFile(root, path);
  if ('missing' in found) return found.missing;
  const { bytes } = found;
  const isChanged =
    bytes !== file.bytes ||
    (await orDiskError(path, () => hashFile(join(root, path)))).sha256 !== file.sha256;
  const problem = `${bytes} bytes that are not the ${file.bytes} that landed`;
  const changed: Problem[] = isChanged ? [{ path, problem, risk: 'damage' }] : [];
  return [...changed, ...(await inspectTable(connection, root, { path, rows: file.rows, columns }))];
}

/** A quarantine file: its structure, and one row for each rejected record. */
export async function inspectQuarantine(
  connection: DuckDBConnection,
  root: string,
  path: string,
  rejected: number,
): Promise<Problem[]> {
  const found = await findFile(root, path);
  if ('missing' in found) return found.missing;
  const columns = QUARANTINE.map(({ name, type }) => ({ name, type, treatment: 'reason', shape: 'true' }));
  return inspectTable(connection, root, { path, rows: rejected, columns });
}

/** The size of a regular file. Anything else is not opened; links are reported while walking the folders. */
async function findFile(
  root: string,
  path: string,
): Promise<{ readonly bytes: number } | { readonly missing: Problem[] }> {
  const stats = await orDiskError(path, async () => lstat(join(root, path)).catch(ignoreMissing));
  if (stats?.isFile() === true) return { bytes: stats.size };
  if (stats?.isSymbolicLink() === true) return { missing: [] };
  return { missing: [{ path, problem: 'it is gone', risk: 'damage' }] };
}

interface Table {
  readonly path: string;
  readonly rows: number;
  readonly columns: readonly LandedColumn[];
}

async function inspectTable(
  connection: DuckDBConnection,
  root: string,
  { path, rows, columns }: Table,
): Promise<Problem[]> {
  const file = join(root, path);
  try {
    if (!isSameStructure(await describeFile(connection, file), columns)) {
      return [{ path, problem: 'its columns are not those of its manifest', risk: 'privacy' }];
    }
    const [count] = await readRows(connection, `select count(*) as n from ${relationOf([file])}`);
    const got = toNumber(count?.['n']);
    const wrong: Problem[] =
      got === rows ? [] : [{ path, problem: `${got} rows instead of ${rows}`, risk: 'damage' }];
    const misses = await findShapeMisses(connection, columns, [file]);
    return [...wrong, ...misses.map(({ column, cells }) => describeMiss(path, column, cells))];
  } catch (error) {
    if (duckErrorKind(error) === 'Out of Memory') throw memoryFailure({});
    return [{ path, problem: 'it cannot be read as Parquet', risk: 'damage' }];
  }
}

function describeMiss(path: string, { name, treatment }: LandedColumn, cells: number): Problem {
  const problem = `${cells} cells of column ${name} do not have the shape of ${treatment}`;
  return { path, problem, risk: 'privacy' };
}

async function describeFile(connection: DuckDBConnection, file: string): Promise<Structure> {
  const rows = await readRows(
    connection,
    `select column_name, column_type from (describe select * from ${relationOf([file])})`,
  );
  return rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
}

function isSameStructure(got: Structure, wanted: Structure): boolean {
  return (
    got.length === wanted.length &&
    got.every(({ name, type }, i) => name === wanted[i]?.name && type === describedType(wanted[i].type))
  );
}

/** A type in the words in which DuckDB describes it. */
export function describedType(type: string): string {
  return type.replace(/^TIMESTAMPTZ/, 'TIMESTAMP WITH TIME ZONE');
}
