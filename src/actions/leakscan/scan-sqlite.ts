import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { quoteName } from '../../base/duckdb.js';
import type { PlaceOfHit } from './leak-findings.js';
import { type Scan, showName } from './scan-tables.js';

/** Distinct cells that are searched at once. */
const BATCH = 2048;

/**
 * Every table of a file of SQLite, read by a link in a folder of the scan: SQLite in WebAssembly makes its lock beside the
 * name by which a file is opened.
 * @throws what SQLite throws, such as at a file that another program writes
 */
export async function scanSqlite(scan: Scan, file: string, shown: string, folder: string): Promise<void> {
  const { default: sqlite } = await import('node-sqlite3-wasm');
  const link = join(folder, `${scan.counts.columns}.sqlite`);
  await symlink(file, link);
  const database = new sqlite.Database(link, { readOnly: true });
  try {
    database.exec('pragma temp_store = memory');
    const texts = database.all('select name, type, sql from sqlite_master').map((row) => ({
      name: readText(row['name']),
      type: row['type'],
      sql: readText(row['sql']),
    }));
    for (const { name, sql } of texts) {
      const hit = scan.searcher.searchText(`${name} ${sql}`);
      const place = { path: shown, place: 'schema', table: null, column: null, row: null, count: 1 };
      if (hit !== null) scan.findings.addHit(hit, place);
    }
    for (const { name, type } of texts) {
      if (type !== 'table') continue;
      const columns = database.all(`select name from pragma_table_info(?)`, [name]);
      for (const column of columns) scanColumn(scan, database, shown, [name, readText(column['name'])]);
    }
  } finally {
    database.close();
  }
}

function scanColumn(
  scan: Scan,
  database: { prepare(sql: string): { iterate(): Iterable<unknown>; finalize(): void } },
  path: string,
  [table, column]: readonly [table: string, column: string],
): void {
  scan.assertRunning();
  scan.counts.columns += 1;
  const place = { path, place: 'cells', table: showName(scan, table), column: showName(scan, column) };
  const statement = database.prepare(
    `select cast(${quoteName(column)} as text) as cell, min(rowid) as line, count(*) as n
     from ${quoteName(table)} where ${quoteName(column)} is not null group by 1`,
  );
  const batch: Cell[] = [];
  try {
    for (const row of statement.iterate()) {
      batch.push(readCell(row));
      if (batch.length === BATCH) searchBatch(scan, batch.splice(0), place);
    }
    searchBatch(scan, batch, place);
  } finally {
    statement.finalize();
  }
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

interface Cell {
  readonly text: string;
  readonly row: number;
  readonly count: number;
}

function readCell(row: unknown): Cell {
  const read = (name: string): unknown =>
    typeof row === 'object' && row !== null ? Reflect.get(row, name) : null;
  return { text: String(read('cell')), row: Number(read('line')), count: Number(read('n')) };
}

function searchBatch(
  { searcher, findings }: Scan,
  batch: readonly Cell[],
  place: Omit<PlaceOfHit, 'row' | 'count'>,
): void {
  const texts = batch.map(({ text }) => text);
  for (const { index, hit } of searcher.searchCells(texts, 'suspect')) {
    const { row = null, count = 1 } = batch[index] ?? {};
    findings.addHit(hit, { ...place, row, count });
  }
}
