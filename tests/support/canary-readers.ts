import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { quoteName, quoteText, readRows } from '../../src/base/duckdb.js';

/** A place within a file, and all text that stands there. */
export interface Passage {
  readonly place: string;
  readonly text: string;
}

/**
 * What compression hides from a scan of bytes: cells, footers, statistics and metadata of Parquet, tables and
 * catalogue of a DuckDB file.
 */
export class HiddenText {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(): Promise<HiddenText> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
    return new HiddenText(instance, await instance.connect());
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  /** @throws what DuckDB throws at a file that is torn */
  async readParquet(path: string): Promise<Passage[]> {
    const file = quoteText(path);
    const passages = [{ place: 'cells', text: await readAll(this.#connection, `read_parquet(${file})`) }];
    for (const part of ['metadata', 'kv_metadata', 'schema', 'file_metadata']) {
      passages.push({ place: part, text: await readAll(this.#connection, `parquet_${part}(${file})`) });
    }
    return passages;
  }

  /** Of a copy, so that neither the file nor a lock on it changes; with its write-ahead log if there is one. */
  async readDatabase(path: string): Promise<Passage[]> {
    const folder = await mkdtemp(join(tmpdir(), 'canary-scan-'));
    const copy = join(folder, 'copy.duckdb');
    try {
      await copyFile(path, copy);
      if (await exists(`${path}.wal`)) await copyFile(`${path}.wal`, `${copy}.wal`);
      return await readCopy(copy);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function readCopy(path: string): Promise<Passage[]> {
  const instance = await DuckDBInstance.create(path, { threads: '2' });
  const connection = await instance.connect();
  try {
    const passages: Passage[] = [];
    for (const catalogue of ['tables', 'views', 'columns', 'constraints', 'indexes']) {
      passages.push({
        place: `duckdb_${catalogue}`,
        text: await readAll(connection, `duckdb_${catalogue}()`),
      });
    }
    const tables = await readRows(
      connection,
      'select schema_name as s, table_name as t from duckdb_tables() where not internal',
    );
    for (const { s, t } of tables) {
      const name = `${quoteName(String(s))}.${quoteName(String(t))}`;
      passages.push({ place: `${String(s)}.${String(t)}`, text: await readAll(connection, name) });
      const storage = await readAll(connection, `pragma_storage_info(${quoteText(name)})`);
      passages.push({ place: `statistics of ${String(s)}.${String(t)}`, text: storage });
    }
    return passages;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** All different values of a relation's columns, and their names, as one text. */
async function readAll(connection: DuckDBConnection, relation: string): Promise<string> {
  const columns = await readRows(connection, `describe from ${relation}`);
  const cells = columns.flatMap(({ column_name: name, column_type: type }) => {
    const cell = `relation.${quoteName(String(name))}`;
    // A blob prints its ASCII only: its other bytes are looked for as hex.
    return [`${cell}::varchar`, ...(String(type) === 'BLOB' ? [`hex(${cell})`] : [])];
  });
  const rows = await readRows(
    connection,
    `select distinct unnest([${cells.join(', ')}]) as value from ${relation} as relation`,
  );
  const names = columns.map(({ column_name: name }) => String(name));
  return [...names, ...rows.map(({ value }) => String(value))].join('\n');
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
