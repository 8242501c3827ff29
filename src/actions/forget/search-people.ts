import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, quoteText, quoteTextList, readRows, toNumber, withInstance } from '../../base/duckdb.js';
import type { Checkpoint } from '../../base/types/checkpoint.js';
import type { Manifest } from '../../base/types/manifest.js';
import type { Project } from '../../project.js';
import { findColumn, type Search } from './plan-search.js';

/** Rows of the people, by file. */
export interface Found {
  /** People with rows: person tokens under one key. */
  readonly people: number;
  readonly rows: number;
  readonly partitions: readonly FoundPartition[];
  readonly checkpoints: readonly FoundCheckpoint[];
  /** Person tokens of the rows. */
  readonly tokens: readonly string[];
}

export interface FoundPartition {
  readonly manifest: Manifest;
  readonly files: readonly { readonly name: string; readonly path: string; readonly rows: number }[];
}

interface FoundCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly path: string;
  readonly rows: number;
}

const MEMORY_MB = 1024;

/**
 * Opens an instance that reads landed files and checkpoints.
 * @param stagingDir where it may write and spill; null for a search that changes nothing
 */
export function withFiles<T>(
  { config, effects }: Project,
  stagingDir: string | null,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const own = stagingDir === null ? [] : [stagingDir];
  const settings = {
    allowedDirectories: [join(config.lakeDir, 'raw'), join(config.lakeDir, '_checkpoints'), ...own],
    tempDirectory: stagingDir === null ? '' : join(stagingDir, 'spill'),
    memoryLimitMb: MEMORY_MB,
    threads: availableParallelism(),
    signal: effects.signal,
  };
  return withInstance(settings, work);
}

/**
 * Finds the rows of the people: first the person tokens of rows with a lookup token, then all rows with one of either.
 * Two scans of two columns of all files, however many people are looked for.
 */
export async function searchPeople(
  connection: DuckDBConnection,
  { lake }: Project,
  search: Search,
): Promise<Found> {
  await fillTable(connection, 'lookups', [...search.lookups.values()].flat());
  await fillTable(connection, 'people', []);
  const files = search.partitions.flatMap((manifest) => {
    const paths = lake.filesOf(manifest);
    return manifest.files.map(({ name }, index) => ({ manifest, name, path: paths[index] ?? '' }));
  });
  const looked = search.partitions.filter((one) => findColumn(one, search.by) !== null);
  await findTokens(connection, search, looked.flatMap((one) => lake.filesOf(one))); // prettier-ignore
  const hits = await countHits(connection, search, files.map(({ path }) => path)); // prettier-ignore
  const partitions = search.partitions.flatMap((manifest): FoundPartition[] => {
    const own = files.filter((file) => file.manifest === manifest && (hits.get(file.path) ?? 0) > 0);
    if (own.length === 0) return [];
    const found = own.map(({ name, path }) => ({ name, path, rows: hits.get(path) ?? 0 }));
    return [{ manifest, files: found }];
  });
  const checkpoints: FoundCheckpoint[] = [];
  for (const checkpoint of search.checkpoints) {
    const path = lake.fileOf(checkpoint);
    const sql = `select count(*) as n from ${relationOf([path])} where ${inCheckpoint(checkpoint)}`;
    const rows = toNumber((await readRows(connection, sql))[0]?.['n']);
    if (rows > 0) checkpoints.push({ checkpoint, path, rows });
  }
  const people = await readRows(connection, 'select token from people order by token');
  const tokens = people.map(({ token }) => String(token));
  const rows = [...hits.values(), ...checkpoints.map((one) => one.rows)];
  return {
    partitions,
    checkpoints,
    tokens,
    people: countPeople(tokens),
    rows: rows.reduce((sum, count) => sum + count, 0),
  };
}

/** The same people have other tokens under another key: the largest count of one key. */
function countPeople(tokens: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const token of tokens) {
    const key = token.slice(0, token.indexOf('_'));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

async function fillTable(
  connection: DuckDBConnection,
  name: 'lookups' | 'people',
  tokens: readonly string[],
): Promise<void> {
  const { LIST, VARCHAR, listValue } = await import('@duckdb/node-api');
  await connection.run(
    `create or replace temp table ${name} as select unnest($tokens) as token`,
    { tokens: listValue([...tokens]) },
    { tokens: LIST(VARCHAR) },
  );
}

async function findTokens(
  connection: DuckDBConnection,
  { by, person, partitions }: Search,
  paths: readonly string[],
): Promise<void> {
  if (paths.length === 0) return;
  const hasPerson = partitions.some((one) => findColumn(one, person) !== null);
  const token = quoteName(hasPerson ? person.name : by.name);
  await connection.run(
    `insert into people select distinct ${token} from ${relationOf(paths)}
      where ${isIn(by.name, 'lookups')} and ${token} is not null`,
  );
}

/** Rows of the people by file. */
async function countHits(
  connection: DuckDBConnection,
  search: Search,
  paths: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (paths.length === 0) return new Map();
  const names = new Set(search.partitions.flatMap(({ columns }) => columns.map(({ name }) => name)));
  const sql = `select filename, count(*) as n from ${relationOf(paths)}
    where ${inPartition(search, (name) => names.has(name))} group by 1`;
  const rows = await readRows(connection, sql);
  return new Map(rows.map(({ filename, n }) => [String(filename), toNumber(n)]));
}

/** A predicate of the rows of the people in a landed file. */
export function inPartition({ by, person }: Search, hasColumn: (name: string) => boolean): string {
  const parts = [
    ...(hasColumn(by.name) ? [isIn(by.name, 'lookups')] : []),
    ...(hasColumn(person.name) ? [isIn(person.name, 'people')] : []),
  ];
  return `(${parts.join(' or ') || 'false'})`;
}

/** The same in a checkpoint, whose columns may have other names. */
export function inCheckpoint({ columns }: Checkpoint): string {
  const texts = columns.filter(({ type }) => type === 'VARCHAR');
  const parts = texts.flatMap(({ name }) => [isIn(name, 'lookups'), isIn(name, 'people')]);
  return `(${parts.join(' or ') || 'false'})`;
}

function isIn(column: string, table: 'lookups' | 'people'): string {
  return `coalesce(${quoteName(column)} in (select token from ${table}), false)`;
}

/** Files as one relation, with the path and the number of each row in its file. */
export function relationOf(paths: readonly string[]): string {
  const list = paths.length === 1 ? quoteText(paths[0] ?? '') : quoteTextList(paths);
  return `read_parquet(${list}, union_by_name = true, hive_partitioning = false, filename = true, file_row_number = true)`;
}
