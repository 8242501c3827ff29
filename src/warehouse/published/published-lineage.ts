import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { openInstance, quoteName, quoteText, readRows, SMALL } from '../../base/duckdb.js';
import { failure } from '../../base/errors.js';
import type { Statement, StatementOrigin } from '../../base/types/warehouse-reader.js';
import { assertUnexposed, type Shown } from '../lineage/assert-unexposed.js';
import { keepAll } from '../lineage/kept-columns.js';
import { DISABLED_OPTIMIZERS, LineageInstance } from '../lineage/lineage-room.js';
import type { BoundSelect, TypedColumn } from '../lineage/model-lineage.js';
import type { Relation } from '../relation.js';
import { listRestrictions } from '../lineage/restrictions.js';
import { findTokenColumns, nameTokens } from '../lineage/token-columns.js';
import { readExposes } from '../models/read-exposes.js';
import { statementError } from '../sql/assert-readable.js';
import type { Inspection } from '../sql/inspect-sql.js';
import { quoteSqlProblem } from '../sql/run-sql.js';
import { foldName } from '../sql/syntax-tree.js';
import { readRelations } from '../file/lineage-rows.js';
import { OPS_TABLES } from '../file/ops-tables.js';

/** What lineage says about a statement on the published tables. */
export interface Traced {
  /** The statement to run: rows about people are not in the order of the source. */
  readonly sql: string;
  /** Names of columns, in lower case, whose cells may hold a token. */
  readonly tokens: ReadonlySet<string>;
  readonly isOrderedByToken: boolean;
}

/** The lineage of the tables of a published file, as they were built. */
export class PublishedLineage {
  readonly #room: DuckDBInstance;
  readonly #instance: LineageInstance;
  readonly #relations: ReadonlyMap<string, Relation>;
  /** Tables that no statement has read yet. */
  readonly #tables: Map<string, readonly TypedColumn[]>;
  #added = Promise.resolve();
  /** Views run the same reports again and again. */
  readonly #traced = new Map<string, Promise<Traced>>();

  private constructor(
    room: DuckDBInstance,
    instance: LineageInstance,
    relations: ReadonlyMap<string, Relation>,
    tables: Map<string, readonly TypedColumn[]>,
  ) {
    this.#room = room;
    this.#instance = instance;
    this.#relations = relations;
    this.#tables = tables;
  }

  /** @throws E_WAREHOUSE_OLD for a file of a version that wrote no lineage */
  static async open(published: DuckDBConnection): Promise<PublishedLineage> {
    const relations = await readRelations(published).catch(() => {
      throw failure('E_WAREHOUSE_OLD', {});
    });
    const tables = await readTables(published);
    const room = await openInstance({ ...SMALL, disabledOptimizers: DISABLED_OPTIMIZERS });
    try {
      const instance = await LineageInstance.open(await room.connect());
      return new PublishedLineage(room, instance, relations, tables);
    } catch (error) {
      room.closeSync();
      throw error;
    }
  }

  /**
   * Holds a statement to the rules for raw-only columns, and finds its tokens.
   * @throws E_LINEAGE with the column and its path; E_QUERY or E_MODEL if it does not bind
   */
  trace(statement: Statement, inspection: Inspection): Promise<Traced> {
    const key = JSON.stringify([statement.origin, statement.sql]);
    const known = this.#traced.get(key) ?? this.#trace(statement, inspection);
    this.#traced.set(key, known);
    return known;
  }

  async #trace({ sql, origin }: Statement, inspection: Inspection): Promise<Traced> {
    await this.#addTables(inspection);
    const select = await this.#bind(sql, origin);
    const kept = keepAll(select);
    const shown = describeOrigin(origin);
    const restrictions = listRestrictions(this.#relations.values(), shown.schema !== 'report');
    await assertUnexposed(this.#instance, shown, select, kept, restrictions);
    const reads = inspection.tables.flatMap(
      ({ schema, table }) => this.#relations.get(`${schema === '' ? 'main' : schema}.${table}`) ?? [],
    );
    const { statement } = inspection;
    const tokens = await findTokenColumns(this.#instance, { select, kept, statement }, reads);
    const isFree = inspection.isOrdered || inspection.isShow || !reads.some(({ isPersonal }) => isPersonal);
    return {
      sql: isFree ? sql : orderByHash(sql, select.columns, nameOrder(origin)),
      tokens,
      isOrderedByToken: nameTokens(statement, reads).isFirstSortKey,
    };
  }

  /** Those that a statement names; all of them for one that lists tables. */
  async #addTables({ tables, isShow }: Inspection): Promise<void> {
    const names = tables.map(({ schema, table }) => `${schema === '' ? 'main' : schema}.${table}`);
    const added = [...this.#tables].filter(([name]) => isShow || names.includes(foldName(name)));
    for (const [name] of added) this.#tables.delete(name);
    // A statement that comes meanwhile waits for the tables of this one.
    this.#added = this.#added.then(() => this.#instance.addTables(new Map(added)));
    await this.#added;
  }

  async #bind(sql: string, origin: StatementOrigin): Promise<BoundSelect> {
    try {
      return await this.#instance.bind(sql);
    } catch (error) {
      throw statementError(origin, quoteSqlProblem(error) ?? 'DuckDB cannot plan it');
    }
  }

  close(): void {
    this.#room.closeSync();
  }
}

async function readTables(published: DuckDBConnection): Promise<Map<string, readonly TypedColumn[]>> {
  const rows = await readRows(
    published,
    `select schema_name || '.' || table_name as name, column_name, data_type from duckdb_columns()
     where not internal order by 1, column_index`,
  );
  const tables = new Map<string, TypedColumn[]>();
  // A lineage instance has the tables of `ops` that a report may read.
  const isNew = (name: string) => !(name.replace(/^ops\./, '') in OPS_TABLES && name.startsWith('ops.'));
  for (const row of rows.filter((one) => isNew(String(one['name'])))) {
    const name = String(row['name']);
    const columns = tables.get(name) ?? [];
    columns.push({ name: String(row['column_name']), type: String(row['data_type']) });
    tables.set(name, columns);
  }
  return tables;
}

function describeOrigin(origin: StatementOrigin): Shown {
  switch (origin.kind) {
    case 'query':
      return { name: 'query', file: '', exposes: new Map(), schema: 'query' };
    case 'table':
      return { name: origin.table, file: '', exposes: new Map(), schema: 'table' };
    case 'report': {
      const { report, file } = origin;
      const exposes = readExposes(origin.exposes ?? undefined);
      if (exposes === null) throw statementError(origin, '`exposes` needs a column and a reason');
      return { name: `report.${report}`, file, exposes, schema: 'report' };
    }
    default:
      return origin satisfies never;
  }
}

/** Two results with different names do not align by rank. */
function nameOrder(origin: StatementOrigin): string {
  return origin.kind === 'query' ? 'query' : origin.kind === 'table' ? origin.table : origin.report;
}

/** Only what the rows show decides their order, so the order adds nothing to it. */
function orderByHash(sql: string, columns: readonly TypedColumn[], name: string): string {
  const places = columns.map((_, place) => `o${place}`);
  const list = columns.map((column, place) => `o${place} as ${quoteName(column.name)}`);
  const cells = places.map((place) => `${place}::varchar`).join(', ');
  return `select ${list.join(', ')} from (\n${sql}\n) as m(${places.join(', ')})
    order by md5(to_json([${quoteText(name)}, ${cells}])::varchar)`;
}
