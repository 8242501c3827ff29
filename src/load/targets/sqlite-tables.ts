import type { Database, SQLiteValue } from 'node-sqlite3-wasm';
import { quoteName, quoteText } from '../../base/duckdb.js';
import type { LoadTable } from '../../base/types/load.js';
import type { TableChange } from '../plan-schema.js';
import type { LoggedPart, TargetTable } from '../target.js';
import { toFileFailure } from './sqlite-file.js';
import { nameInFile } from './sqlite-types.js';

/** The tables of a file of SQLite: what they are, and how they change. */
export class SqliteTables {
  readonly database: Database;
  readonly #prefix: string;
  /** For errors. */
  readonly #path: string;

  constructor(database: Database, prefix: string, path: string) {
    this.database = database;
    this.#prefix = prefix;
    this.#path = path;
  }

  /** The copy is thrown away if anything fails, so that nothing is synced until the end. Deleted rows leave no bytes. */
  begin(): void {
    for (const setting of [
      'journal_mode = memory',
      'synchronous = off',
      'locking_mode = exclusive',
      'cache_size = -65536',
      'secure_delete = on',
    ])
      // prettier-ignore
      this.database.exec(`pragma ${setting}`);
    const columns = 'id integer primary key, run_id text not null, table_name text not null, scope text not null, date date, rows integer not null, rejected integer not null, replaced_cells integer not null, digest text not null, started_at timestamp not null, ended_at timestamp not null, tool_version text not null'; // prettier-ignore
    this.database.exec(`create table if not exists ${this.own('ops_batch_log')} (${columns})`);
    this.database.exec(
      `create table if not exists ${this.own('ops_comments')} (table_name text not null, column_name text not null, comment text not null, primary key (table_name, column_name))`,
    );
  }

  /** The lake that loads into the tables: `lakeId` from now on if there is none. */
  readOwner(lakeId: string): string {
    const table = this.own('ops_load_owner');
    this.exec(`create table if not exists ${table} (lake_id text primary key)`);
    this.run(`insert into ${table} select ? where not exists (select 1 from ${table})`, [lakeId]);
    const [row] = this.#all(`select lake_id from ${table}`);
    return row === undefined ? lakeId : readText(row, 'lake_id');
  }

  readLog(): readonly LoggedPart[] {
    const rows = this.#all(
      `select table_name, scope, date, digest from ${this.own('ops_batch_log')}
       where id in (select max(id) from ${this.own('ops_batch_log')} group by table_name, scope, date) order by id`,
    );
    return rows.map((row) => ({
      table: readText(row, 'table_name'),
      scope: row.get('scope') === 'date' ? 'date' : 'table',
      date: row.get('date') ?? null,
      digest: readText(row, 'digest'),
    }));
  }

  readTable(table: LoadTable): TargetTable | null {
    const name = this.name(table);
    const columns = this.#all(`select name, type from pragma_table_info(${quoteText(this.#bare(table))})`);
    if (columns.length === 0) return null;
    const found = columns.map((row) => ({ name: readText(row, 'name'), type: readText(row, 'type') }));
    const date = table.dateColumn;
    const hasDate = found.some((column) => column.name === date);
    const part = date === null || !hasDate ? `''` : `coalesce(${quoteName(date)}, '')`;
    const rows = this.#all(`select ${part} as part, count(*) as n from ${name} group by 1`);
    const counts = new Map(rows.map((row) => [readText(row, 'part'), Number(row.get('n'))]));
    return { columns: found, rows: counts };
  }

  count(table: LoadTable, where: string): number {
    const [row] = this.#all(`select count(*) as n from ${this.name(table)}${where}`);
    return Number(row?.get('n'));
  }

  change(table: LoadTable, change: TableChange): void {
    this.#inTransaction(() => {
      if (change.kind === 'create') this.#create(table, change.columns, change.key);
      else {
        for (const { name, type } of change.added)
          this.exec(`alter table ${this.name(table)} add column ${quoteName(name)} ${type}`);
        if (change.widened.length > 0) this.#widen(table, change.widened);
      }
      this.#comment(table);
    });
  }

  #create(
    table: LoadTable,
    columns: readonly { name: string; type: string }[],
    key: readonly string[],
  ): void {
    const { dateColumn } = table;
    const list = columns.map(({ name, type }) => {
      const isKey = key.includes(name) ? ' not null' : '';
      return `${quoteName(name)} ${type}${isKey}`;
    });
    const sorted = [...key.filter((one) => one === dateColumn), ...key.filter((one) => one !== dateColumn)];
    const primary = sorted.length === 0 ? [] : [`primary key (${sorted.map(quoteName).join(', ')})`];
    this.exec(`create table ${this.name(table)} (${[...list, ...primary].join(', ')})`);
    // A key begins with the date.
    if (dateColumn === null || key.includes(dateColumn)) return;
    const index = this.#index(table, dateColumn);
    this.exec(`create index if not exists ${index} on ${this.name(table)} (${quoteName(dateColumn)})`);
  }

  /** SQLite changes no type: the rows move into a new table (sqlite.org/lang_altertable.html, section 7). */
  #widen(table: LoadTable, widened: readonly { name: string; type: string }[]): void {
    const types = new Map(widened.map(({ name, type }) => [name, type]));
    const info = this.#all(`select name, type, pk from pragma_table_info(${quoteText(this.#bare(table))})`);
    const columns = info.map((row) => {
      const name = readText(row, 'name');
      return { name, type: types.get(name) ?? readText(row, 'type') };
    });
    const key = info
      .filter((row) => Number(row.get('pk')) > 0)
      .sort((a, b) => Number(a.get('pk')) - Number(b.get('pk')))
      .map((row) => readText(row, 'name'));
    const old = quoteName(`${this.#bare(table)}.narrow`);
    const list = columns.map(({ name }) => quoteName(name)).join(', ');
    this.exec(`alter table ${this.name(table)} rename to ${old}`);
    if (table.dateColumn !== null) this.exec(`drop index if exists ${this.#index(table, table.dateColumn)}`);
    this.#create(table, columns, key);
    this.exec(`insert into ${this.name(table)} (${list}) select ${list} from ${old}`);
    this.exec(`drop table ${old}`);
  }

  /** Tables and indexes share their names, and no table that is loaded has a dot in its name. */
  #index(table: LoadTable, column: string): string {
    return quoteName(`${this.#bare(table)}.${column}`);
  }

  #comment(table: LoadTable): void {
    const name = this.#bare(table);
    this.exec(`delete from ${this.own('ops_comments')} where table_name = ${quoteText(name)}`);
    const comments = [{ name: '', comment: table.comment }, ...table.columns];
    for (const { name: column, comment } of comments) {
      if (comment !== null)
        this.run(`insert into ${this.own('ops_comments')} values (?, ?, ?)`, [name, column, comment]);
    }
  }

  own(name: string): string {
    return quoteName(`${this.#prefix}${name}`);
  }

  #bare(table: LoadTable): string {
    return nameInFile(this.#prefix, table);
  }

  name(table: LoadTable): string {
    return quoteName(this.#bare(table));
  }

  /** Rows with their values as text. */
  #all(sql: string): Map<string, string | null>[] {
    const rows = this.guard(() => this.database.all(sql));
    return rows.map((row) => {
      const cells = Object.entries(row).map(([name, value]) => [name, toText(value)] as const);
      return new Map(cells);
    });
  }

  exec(sql: string): void {
    this.guard(() => {
      this.database.exec(sql);
    });
  }

  run(sql: string, values: SQLiteValue[]): void {
    this.guard(() => this.database.run(sql, values));
  }

  #inTransaction(work: () => void): void {
    this.exec('begin');
    work();
    this.exec('commit');
  }

  guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toFileFailure(error, this.#path);
    }
  }
}

function toText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
}

function readText(row: ReadonlyMap<string, string | null>, name: string): string {
  return row.get(name) ?? '';
}
