import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, readRows } from '../../base/duckdb.js';
import { OPS_TABLES } from '../file/ops-tables.js';
import type { Model } from '../models/model.js';
import { listKept } from './kept-columns.js';
import type { BoundSelect, TypedColumn } from './model-lineage.js';
import { PLAN_SCHEMA, readPlan } from './read-plan.js';

/**
 * Parts of DuckDB's optimizer that would leave columns out of a plan, because tables here are empty, or because a
 * setting, the clock or a literal makes a branch unreachable now. The list ends here: without `join_order` DuckDB
 * crashes, and without `unused_columns` every scan reads every column.
 */
export const DISABLED_OPTIMIZERS = ['statistics_propagation', 'expression_rewriter', 'filter_pushdown'];

/** What a SELECT reads, by name, each in order. */
export interface Scan {
  /** Such as `silver.users.city`. */
  readonly columns: readonly string[];
  /** Tables whose rows it reads, even if it reads no column of them. */
  readonly tables: readonly string[];
  /** Parts of its plan that are not known: it counts as reading every table and column there is. */
  readonly unknown: readonly string[];
}

/**
 * Typed, empty tables of all that a project lands and builds, and the plans that DuckDB makes over them. Names are
 * resolved, and columns followed, by DuckDB alone; nothing is ever run. A table is a view over one whose columns are
 * numbered, so that a scan in a plan names each column in one way, and has no row ids to show.
 */
export class LineageRoom {
  readonly #connection: DuckDBConnection;
  readonly #tables: string[] = [];
  readonly #columns: { readonly table: number; readonly name: string }[] = [];

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** @param connection of a room whose `disabledOptimizers` are those above */
  static async open(connection: DuckDBConnection): Promise<LineageRoom> {
    const room = new LineageRoom(connection);
    const schemas = [PLAN_SCHEMA, 'bronze', 'silver', 'gold', 'ops'].map((name) => `create schema ${name}`);
    const date = room.#create([DATE_TABLE], [{ name: 'date', type: 'date' }]);
    const own = Object.entries(OPS_TABLES).map(([name, types]) =>
      room.#create(
        [`ops.${name}`],
        Object.entries(types).map(([column, type]) => ({ name: column, type })),
      ),
    );
    await connection.run([...schemas, date, ...own].join(';\n'));
    return room;
  }

  /** Adds tables by name, such as `bronze.users`, with types in words of SQL. */
  async addTables(tables: ReadonlyMap<string, readonly TypedColumn[]>): Promise<void> {
    const statements = [...tables].map(([name, columns]) => this.#create([name], columns));
    if (statements.length > 0) await this.#connection.run(statements.join(';\n'));
  }

  /** Adds the table that a model becomes, under each name that it can be read by. */
  async addModel(model: Model, { columns }: BoundSelect): Promise<void> {
    const kept = listKept(model, columns).columns.map(({ name, from: [place], isAdded }) => ({
      name,
      type: isAdded ? 'date' : (columns[place ?? 0]?.type ?? ''),
    }));
    const views = [model.name, ...(model.publishedAs === null ? [] : [`main.${model.publishedAs}`])];
    await this.#connection.run(this.#create(views, kept));
  }

  /** Binds a SELECT over the tables that have been added so far. @throws what DuckDB says of it */
  async bind(sql: string): Promise<BoundSelect> {
    const select = `(\n${sql.replace(DATE, `(select "date" from ${DATE_TABLE})`)}\n)`;
    const rows = await readRows(this.#connection, `describe from ${select}`);
    const columns = rows.map((row) => ({
      name: String(row['column_name']),
      type: String(row['column_type']),
    }));
    return { columns, relation: `${select} as m(${columns.map((_, place) => `o${place}`).join(', ')})` };
  }

  /** What columns of a SELECT, by place, are made of and decided by; of none, what decides which rows there are. */
  async scan({ relation }: BoundSelect, places: readonly number[]): Promise<Scan> {
    const list = places.length === 0 ? 'count(*)' : places.map((place) => `o${place}`).join(', ');
    const explain = `explain (format json) select ${list} from ${relation}`;
    const [row] = await readRows(this.#connection, explain);
    const { tables, columns, whole, unknown } = readPlan(String(row?.['explain_value'] ?? 'null'));
    const isAll = unknown.size > 0;
    return {
      columns: this.#columns
        .filter(({ table }, id) => isAll || columns.has(id) || whole.has(table))
        .map(({ table, name }) => `${this.#tables[table] ?? ''}.${name}`)
        .sort(),
      tables: this.#tables.filter((_, id) => isAll || tables.has(id)).sort(),
      unknown: [...unknown].sort(),
    };
  }

  /** Numbers a table and its columns, with views by which they have their names again. */
  #create([name = '', ...others]: readonly string[], columns: readonly TypedColumn[]): string {
    const number = this.#tables.push(name) - 1;
    const ids = columns.map((column) => `c${this.#columns.push({ table: number, name: column.name }) - 1}`);
    const table = `${PLAN_SCHEMA}.t${number}`;
    const types = columns.map(({ type }, place) => `${ids[place] ?? ''} ${type}`).join(', ');
    const list = columns
      .map((column, place) => `${ids[place] ?? ''} as ${quoteName(column.name)}`)
      .join(', ');
    const views = [name, ...others].map(
      (view) => `create view ${quoteTable(view)} as select ${list} from ${table}`,
    );
    return [`create table ${table} (${types})`, ...views].join(';\n');
  }
}

/** An empty table in place of the date of a report: a value would be folded into the plan. */
const DATE_TABLE = `${PLAN_SCHEMA}.params`;
const DATE = /(?<![\w$\u0080-\uffff])\$date(?![\w$\u0080-\uffff])/gi;

function quoteTable(name: string): string {
  return name.split('.').map(quoteName).join('.');
}
