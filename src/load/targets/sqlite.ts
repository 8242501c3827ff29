import { rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { SQLiteValue } from 'node-sqlite3-wasm';
import { z } from 'zod';
import { quoteName, quoteText, readRows, toNumber } from '../../base/duckdb.js';
import { failure } from '../../base/errors.js';
import { syncFile, syncFolder } from '../../base/files/durable.js';
import { type LoadPart, type LoadTable, nameTable } from '../../base/types/load.js';
import type { TableChange } from '../plan-schema.js';
import {
  assertOwner,
  assertRows,
  type FileLock,
  type LoadRun,
  type LoggedPart,
  type OpenTarget,
  type TargetContext,
  type TargetTable,
  type TargetType,
} from '../target.js';
import { type Draft, findPlace, lockFile, prepareCopy, realPlace, toFileFailure } from './sqlite-file.js';
import { SqliteTables } from './sqlite-tables.js';
import { listInexact, selectValues, sqliteRules } from './sqlite-types.js';

const FORM = z.strictObject({
  type: z.literal('sqlite'),
  /** Relative to the project folder, or absolute. */
  path: z
    .string()
    .min(1)
    .max(1000)
    .regex(/^[^\0]*$/, 'must not have U+0000'),
  /** In front of `silver_…`, `gold_…`, `ops_…` and `bronze_…`, the names of the tables. */
  schema_prefix: z.string().regex(/^(?!sqlite_)[a-z][a-z0-9_]{0,30}$/, 'must be lowercase letters, digits and underscores, and not begin with sqlite_').default(''), // prettier-ignore
  tokens: z.boolean().default(false),
});

/**
 * A file that is replaced as a whole: tables are changed in a copy, which is renamed over it at the end. Its readers never
 * wait, and see the old state until they open it again. (SQLite in WebAssembly has no WAL, and locks by a folder that other
 * programs do not know.)
 */
export const SQLITE: TargetType<typeof FORM> = {
  type: 'sqlite',
  form: FORM,
  rules: (settings) => sqliteRules(settings.schema_prefix),
  place: ({ path }, { projectDir }) => realPlace(resolve(projectDir, path)),
  open: async (settings, context) => {
    const path = await findPlace(resolve(context.projectDir, settings.path), context);
    const lock = await lockFile(path, context);
    let draft: Draft | null = null;
    try {
      draft = await prepareCopy(path);
      const { default: sqlite } = await import('node-sqlite3-wasm');
      const database = new sqlite.Database(draft.copy);
      // Rows that are deleted would otherwise stay in the bytes of the file.
      database.exec('pragma secure_delete = on');
      const tables = new SqliteTables(database, settings.schema_prefix, path);
      tables.begin();
      const own = await context.lakeId();
      assertOwner(context.name, own, tables.readOwner(own), tables.own('ops_load_owner'));
      return new SqliteTarget(tables, { path, draft, lock }, context);
    } catch (error) {
      if (draft !== null) await rm(draft.folder, { recursive: true, force: true }).catch(() => undefined);
      await lock.release();
      throw toFileFailure(error, path);
    }
  },
};

interface Files {
  readonly path: string;
  readonly draft: Draft;
  readonly lock: FileLock;
}

class SqliteTarget implements OpenTarget {
  readonly way = 'file';
  readonly prepare = [];
  readonly #tables: SqliteTables;
  readonly #files: Files;
  readonly #context: TargetContext;
  #isChanged = false;

  constructor(tables: SqliteTables, files: Files, context: TargetContext) {
    this.#tables = tables;
    this.#files = files;
    this.#context = context;
  }

  useCopy(): void {
    // There is one way only.
  }

  readLog(): Promise<readonly LoggedPart[]> {
    return Promise.resolve(this.#tables.readLog());
  }

  readTable(table: LoadTable): Promise<TargetTable | null> {
    return Promise.resolve(this.#tables.readTable(table));
  }

  change(table: LoadTable, change: TableChange): Promise<void> {
    this.#tables.change(table, change);
    return Promise.resolve();
  }

  async loadPart(connection: DuckDBConnection, part: LoadPart, run: LoadRun): Promise<void> {
    await this.#assertExact(connection, part);
    const startedAt = run.now().toISOString();
    await this.#inTransactionAsync(async () => {
      const { dateColumn } = part.table;
      const column = dateColumn === null ? '' : quoteName(dateColumn);
      const of = part.date === null ? `${column} is null` : `${column} = ${quoteText(part.date)}`;
      this.#tables.exec(
        `delete from ${this.#tables.name(part.table)}${dateColumn === null ? '' : ` where ${of}`}`,
      );
      if (part.rows > 0) await this.#insert(connection, part);
      const count = this.#tables.count(part.table, dateColumn === null ? '' : ` where ${of}`);
      assertRows(this.#context.name, part, count);
      this.#tables.run(
        `insert into ${this.#tables.own('ops_batch_log')} (run_id, table_name, scope, date, rows, rejected, replaced_cells, digest, started_at, ended_at, tool_version)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          ...[run.runId, nameTable(part.table), dateColumn === null ? 'table' : 'date', part.date],
          ...[part.rows, part.rejected, part.nuls, part.digest],
          ...[startedAt, run.now().toISOString(), run.toolVersion],
        ],
      );
    });
    this.#isChanged = true;
  }

  /** @throws E_TARGET_ROWS */
  async #assertExact(connection: DuckDBConnection, { table, sql }: LoadPart): Promise<void> {
    const tests = listInexact(table);
    if (tests.length === 0) return;
    const [row] = await readRows(
      connection,
      `select ${tests.map(({ count }, place) => `${count} as c${place}`).join(', ')} from (${sql}) as part`,
    );
    const place = tests.findIndex((_, index) => toNumber(row?.[`c${index}`]) > 0);
    const column = tests[place]?.name;
    if (column === undefined) return;
    const kind = `column ${column} has numbers of more than 64 bits or 15 digits, or NaN`;
    const fix = 'cast the column in its model, to text or to fewer digits, or load it into PostgreSQL';
    const facts = { target: this.#context.name, table: nameTable(table), kind, fix };
    throw failure('E_TARGET_ROWS', facts, { stage: 'load' });
  }

  async #insert(connection: DuckDBConnection, { table, sql, rows }: LoadPart): Promise<void> {
    const columns = table.columns.map(({ name }) => quoteName(name)).join(', ');
    const marks = table.columns.map(() => '?').join(', ');
    const statement = this.#tables.guard(() =>
      this.#tables.database.prepare(`insert into ${this.#tables.name(table)} (${columns}) values (${marks})`),
    );
    let written = 0;
    try {
      const result = await connection.stream(selectValues(table, sql));
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        // By columns, which costs less than to have DuckDB make rows of them.
        const cells = chunk.getColumns().map((column) => column.map(toValue));
        for (let row = 0; row < chunk.rowCount; row += 1)
          this.#tables.guard(() => statement.run(cells.map((column) => column[row] ?? null)));
        written += chunk.rowCount;
      }
    } finally {
      statement.finalize();
    }
    if (written !== rows)
      throw failure('E_COUNTS', { dataset: nameTable(table), fetched: rows, accounted: written });
  }

  /** Renames the copy over the file, if a part was loaded. */
  async finish(): Promise<void> {
    this.#tables.guard(() => {
      this.#tables.database.close();
    });
    if (!this.#isChanged) return;
    const { path, draft } = this.#files;
    try {
      await syncFile(draft.copy);
      await draft.assertUnchanged();
      await rename(draft.copy, path);
      await syncFolder(dirname(path));
    } catch (error) {
      throw toFileFailure(error, path);
    }
  }

  async close(): Promise<void> {
    try {
      if (this.#tables.database.isOpen) this.#tables.database.close();
    } catch {
      // The copy is removed in any case.
    }
    const { draft, lock } = this.#files;
    await rm(draft.folder, { recursive: true, force: true }).catch(() => undefined);
    await lock.release().catch(() => undefined);
  }

  /** What fails is not rolled back: the copy is thrown away. */
  async #inTransactionAsync(work: () => Promise<void>): Promise<void> {
    this.#tables.exec('begin');
    await work();
    this.#tables.exec('commit');
  }
}

/** What DuckDB gives for the values of `selectValues`. */
function toValue(value: DuckDBValue): SQLiteValue {
  if (value === null || typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string')
    return value;
  return typeof value === 'object' && 'bytes' in value ? value.bytes : String(value);
}
