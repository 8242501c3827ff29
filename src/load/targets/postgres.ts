import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Client, QueryResultRow } from 'pg';
import { z } from 'zod';
import { quoteName, quoteText } from '../../base/duckdb.js';
import { failure, type LakeveilError } from '../../base/errors.js';
import { type LoadPart, type LoadTable, nameTable } from '../../base/types/load.js';
import type { TableChange } from '../plan-schema.js';
import {
  assertOwner,
  assertRows,
  type LoadRun,
  type LoggedPart,
  type OpenTarget,
  type TargetContext,
  type TargetTable,
  type TargetType,
} from '../target.js';
import { copyByExtension, describeExtension, suitsExtension } from './postgres-extension.js';
import { withPassword } from './postgres-password.js';
import { toTargetFailure } from './postgres-errors.js';
import {
  describeCount,
  describeEntry,
  describeTable,
  LOG_COLUMNS,
  quoteLiteral,
  streamBytes,
  wherePart,
} from './postgres-statements.js';
import { postgresRules, quoteTable, selectCopyText } from './postgres-types.js';
import { clientConfig, type PostgresAddress, readTargetAddress } from './postgres-url.js';

const FORM = z.strictObject({
  type: z.literal('postgres'),
  url: z.string().min(1).max(2000),
  /** In front of `silver`, `gold`, `ops` and `bronze`, the names of the schemas. */
  schema_prefix: z.string().regex(/^(?!pg_)[a-z][a-z0-9_]{0,30}$/, 'must be lowercase letters, digits and underscores, and not begin with pg_').default(''), // prettier-ignore
  tokens: z.boolean().default(false),
  /** How long a statement waits for another session. */
  lock_timeout: z
    .string()
    .regex(/^[1-9]\d{0,2}s$/, 'must be seconds, such as 10s')
    .default('10s'),
});

type Settings = z.infer<typeof FORM>;

export const POSTGRES: TargetType<typeof FORM> = {
  type: 'postgres',
  form: FORM,
  rules: (settings) => postgresRules(settings.schema_prefix),
  place: (settings, context) => {
    const { host, port, database } = readTargetAddress(settings.url, context);
    return `${host}:${port}/${database}`;
  },
  open: async (settings, context) => {
    const address = await withPassword(readTargetAddress(settings.url, context), context);
    const refuse = (): never => {
      const fix = `put the password into the variable of the URL, or into ${context.passFile}`;
      throw failure('E_TARGET_LOGIN', { target: context.name, kind: 'no password', fix }, { stage: 'load' });
    };
    const { Client: PgClient } = (await import('pg')).default;
    const target = new PostgresTarget(
      new PgClient(clientConfig(address, refuse)),
      settings,
      address,
      context,
    );
    await target.connect().catch(async (error: unknown) => {
      await target.close();
      throw error;
    });
    return target;
  },
};

class PostgresTarget implements OpenTarget {
  readonly #client: Client;
  readonly #settings: Settings;
  readonly #context: TargetContext;
  readonly #lockTimeoutMs: number;
  readonly #log: string;
  readonly prepare: readonly string[];
  #way: 'copy' | 'extension';

  constructor(client: Client, settings: Settings, address: PostgresAddress, context: TargetContext) {
    this.#client = client;
    this.#settings = settings;
    this.#context = context;
    this.#lockTimeoutMs = Number.parseInt(settings.lock_timeout) * 1000;
    this.#log = `${quoteName(`${settings.schema_prefix}ops`)}.batch_log`;
    const extension = context.findExtension();
    this.prepare = extension === null ? [] : describeExtension(extension, address);
    this.#way = extension === null ? 'copy' : 'extension';
    // A server that goes down sends its reason, then closes: both arrive outside of any statement.
    client.on('error', () => undefined);
  }

  /** Takes the target for this load, so that two loads never write the same tables. */
  async connect(): Promise<void> {
    await this.#guard('the target', () => this.#client.connect());
    await this.#run('the target', `set lock_timeout = ${this.#lockTimeoutMs}; set client_encoding = 'UTF8'; set datestyle = 'ISO'; set timezone = 'UTC'`); // prettier-ignore
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      const [row] = await this.#run(
        'the target',
        `select pg_try_advisory_lock(hashtext('lakeveil'), hashtext(${quoteText(this.#settings.schema_prefix)})) as taken`,
      );
      if (row?.['taken'] === true) break;
      if (waitedMs >= this.#lockTimeoutMs) throw this.#busy('the batch_log');
      await this.#context.sleep(POLL_MS);
    }
    await this.#inTransaction('ops.batch_log', async () => {
      await this.#run('ops.batch_log', `create schema if not exists ${quoteName(`${this.#settings.schema_prefix}ops`)}`); // prettier-ignore
      await this.#run('ops.batch_log', `create table if not exists ${this.#log} (${LOG_COLUMNS})`);
      await this.#takeOwnership();
    });
  }

  async #takeOwnership(): Promise<void> {
    const label = 'ops.load_owner';
    const table = `${quoteName(`${this.#settings.schema_prefix}ops`)}.load_owner`;
    await this.#run(label, `create table if not exists ${table} (lake_id text primary key)`);
    const [row] = await this.#run(label, `select lake_id from ${table}`);
    const own = await this.#context.lakeId();
    if (row === undefined) await this.#run(label, `insert into ${table} values (${quoteText(own)})`);
    else assertOwner(this.#context.name, own, String(row['lake_id']), table);
  }

  get way(): string {
    return this.#way;
  }

  useCopy(): void {
    this.#way = 'copy';
  }

  async readLog(): Promise<readonly LoggedPart[]> {
    const rows = await this.#run(
      'ops.batch_log',
      `select table_name, scope, date::text as date, digest from (
         select distinct on (table_name, scope, date) id, table_name, scope, date, digest from ${this.#log}
         order by table_name, scope, date, id desc
       ) as last order by id`,
    );
    return rows.map((row) => ({
      table: String(row['table_name']),
      scope: row['scope'] === 'date' ? 'date' : 'table',
      date: row['date'] === null ? null : String(row['date']),
      digest: String(row['digest']),
    }));
  }

  async readTable(table: LoadTable): Promise<TargetTable | null> {
    const name = this.#name(table);
    const label = nameTable(table);
    const columns = await this.#run(
      label,
      `select attname, format_type(atttypid, atttypmod) as type from pg_attribute
       where attrelid = to_regclass(${quoteText(name)}) and attnum > 0 and not attisdropped order by attnum`,
    );
    if (columns.length === 0) return null;
    const found = columns.map((row) => ({ name: String(row['attname']), type: String(row['type']) }));
    const date = table.dateColumn;
    const hasDate = found.some((column) => column.name === date);
    const part = date === null || !hasDate ? `''` : `coalesce(${quoteName(date)}::text, '')`;
    const rows = await this.#run(label, `select ${part} as part, count(*) as n from ${name} group by 1`);
    return { columns: found, rows: new Map(rows.map((row) => [String(row['part']), Number(row['n'])])) };
  }

  async change(table: LoadTable, change: TableChange): Promise<void> {
    const label = nameTable(table);
    const name = this.#name(table);
    await this.#inTransaction(label, async () => {
      if (change.kind === 'create') {
        await this.#run(label, `create schema if not exists ${quoteName(`${this.#settings.schema_prefix}${table.layer}`)}`); // prettier-ignore
        await this.#run(label, describeTable(table, name, change));
        // A key begins with the date.
        if (table.dateColumn !== null && !change.key.includes(table.dateColumn))
          await this.#run(label, `create index on ${name} (${quoteName(table.dateColumn)})`);
      } else {
        for (const { name: column, type } of change.added)
          await this.#run(label, `alter table ${name} add column ${quoteName(column)} ${type}`);
        for (const { name: column, type } of change.widened)
          await this.#run(label, `alter table ${name} alter column ${quoteName(column)} type ${type}`);
      }
      await this.#comment(table);
    });
  }

  /** Comments that are not as they should be: each takes a lock that readers would wait for. */
  async #comment(table: LoadTable): Promise<void> {
    const name = this.#name(table);
    const label = nameTable(table);
    const rows = await this.#run(
      label,
      `select a.attname as name, col_description(a.attrelid, a.attnum) as comment from pg_attribute as a
       where a.attrelid = to_regclass(${quoteText(name)}) and a.attnum > 0 and not a.attisdropped
       union all select '', obj_description(to_regclass(${quoteText(name)}), 'pg_class')`,
    );
    const known = new Map(rows.map((row) => [String(row['name']), row['comment'] ?? null]));
    const wanted = [{ name: '', comment: table.comment }, ...table.columns];
    for (const { name: column, comment } of wanted) {
      if (known.get(column) === comment) continue;
      const what = column === '' ? `table ${name}` : `column ${name}.${quoteName(column)}`;
      await this.#run(label, `comment on ${what} is ${comment === null ? 'null' : quoteLiteral(comment)}`);
    }
  }

  /** By DuckDB's extension where it can carry the types, else by COPY; what the extension cannot do, COPY tries again. */
  async loadPart(connection: DuckDBConnection, part: LoadPart, run: LoadRun): Promise<void> {
    const name = this.#name(part.table);
    const remove = `delete from ${name}${wherePart(part)}`;
    const startedAt = run.now().toISOString();
    if (this.#way === 'extension' && suitsExtension(part)) {
      const insert = describeEntry(this.#log, part, run, startedAt);
      const before = [`set local lock_timeout = ${this.#lockTimeoutMs}`, remove];
      const after = [...describeCount(name, wherePart(part), part.rows), insert];
      const schema = `${this.#settings.schema_prefix}${part.table.layer}`;
      if (await copyByExtension(connection, { part, schema, before, after })) return;
      this.#context.warn('load_by_copy', { table: nameTable(part.table) });
    }
    await this.#inTransaction(nameTable(part.table), async () => {
      await this.#run(nameTable(part.table), remove);
      if (part.rows > 0) await this.#copy(connection, part);
      await this.#assertRows(part);
      await this.#run(nameTable(part.table), describeEntry(this.#log, part, run, startedAt));
    });
  }

  async #copy(connection: DuckDBConnection, { table, sql }: LoadPart): Promise<void> {
    const { from } = await import('pg-copy-streams');
    const columns = table.columns.map((column) => quoteName(column.name)).join(', ');
    const label = nameTable(table);
    await this.#guard(label, async () => {
      const into = this.#client.query(from(`copy ${this.#name(table)} (${columns}) from stdin`));
      await pipeline(Readable.from(streamBytes(connection, selectCopyText(table, sql)), { highWaterMark: 4 }), into); // prettier-ignore
    });
  }

  /** Triggers that wait for the end of the transaction run before the rows are counted. */
  async #assertRows(part: LoadPart): Promise<void> {
    const label = nameTable(part.table);
    await this.#run(label, 'set constraints all immediate');
    const count = `select count(*) as n from ${this.#name(part.table)}${wherePart(part)}`;
    const [row] = await this.#run(label, count);
    assertRows(this.#context.name, part, Number(row?.['n']));
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }

  #name(table: LoadTable): string {
    return quoteTable(this.#settings.schema_prefix, table);
  }

  #busy(table: string): LakeveilError {
    const facts = { target: this.#context.name, table, seconds: this.#lockTimeoutMs / 1000 };
    return failure('E_TARGET_BUSY', facts, { stage: 'load' });
  }

  async #inTransaction(table: string, work: () => Promise<void>): Promise<void> {
    await this.#run(table, 'begin');
    try {
      await work();
      await this.#run(table, 'commit');
    } catch (error) {
      await this.#client.query('rollback').catch(() => undefined);
      throw error;
    }
  }

  /** @param table what an error is about */
  async #run(table: string, sql: string): Promise<readonly QueryResultRow[]> {
    return this.#guard(table, async () => {
      const result = await this.#client.query<QueryResultRow>(sql);
      return result.rows;
    });
  }

  async #guard<T>(table: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { name: target } = this.#context;
      throw toTargetFailure(error, { target, table, lockTimeoutMs: this.#lockTimeoutMs });
    }
  }
}

const POLL_MS = 200;
