import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, readRows } from '../../base/duckdb.js';
import { OPS_TABLES } from '../file/ops-tables.js';
import type { Model } from '../models/model.js';
import { listKept } from './kept-columns.js';
import type { BoundSelect, TypedColumn } from './model-lineage.js';
import { PLAN_SCHEMA, readPlan } from './read-plan.js';

/**
 * Optimizer passes of DuckDB that would remove columns from a plan, because the tables are empty or because a setting,
 * the clock or a literal makes a branch unreachable. Do not extend the list: with `join_order` disabled DuckDB crashes,
 * and with `unused_columns` disabled every scan reads every column.
 */
export const DISABLED_OPTIMIZERS = ['statistics_propagation', 'expression_rewriter', 'filter_pushdown'];

/** The names of what a SELECT reads, sorted. */
export interface Scan {
  /** Columns, such as `silver.users.city`. */
  readonly columns: readonly string[];
  /** Tables whose rows it reads, even if it reads none of their columns. */
  readonly tables: readonly string[];
  /** Unsupported operators in its plan: it then counts as reading every table and column. */
  readonly unknown: readonly string[];
}

/**
 * Typed, empty tables for everything that a project lands and builds, and DuckDB's plans over them. DuckDB alone resolves
 * names and traces columns; nothing is run. Each table is a view over a table with numbered columns, so that a scan in a
 * plan names each column in one way and has no row ids.
 */
export class LineageInstance {
  readonly #connection: DuckDBConnection;
  readonly #tables: string[] = [];
  readonly #columns: { readonly table: number; readonly name: string }[] = [];

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** @param connection of an instance with the `disabledOptimizers` above */
  static async open(connection: DuckDBConnection): Promise<LineageInstance> {
    const instance = new LineageInstance(connection);
    const schemas = [PLAN_SCHEMA, 'bronze', 'silver', 'gold', 'ops'].map((name) => `create schema ${name}`);
    const date = instance.#create([DATE_TABLE], [{ name: 'date', type: 'date' }]);
    const own = Object.entries(OPS_TABLES).map(([name, types]) =>
      instance.#create(
        [`ops.${name}`],
        Object.entries(types).map(([column, type]) => ({ name: column, type })),
      ),
    );
    await connection.run([...schemas, date, ...own].join(';\n'));
    return instance;
  }

  /** Adds tables by name, such as `bronze.users`, with SQL types. */
  async addTables(tables: ReadonlyMap<string, readonly TypedColumn[]>): Promise<void> {
    const statements = [...tables].map(([name, columns]) => this.#create([name], columns));
    if (statements.length > 0) await this.#connection.run(statements.join(';\n'));
  }

  /** Adds the table of a model, under each name that it can be read by. */
  async addModel(model: Model, { columns }: BoundSelect): Promise<void> {
    const kept = listKept(model, columns).columns.map(({ name, from: [place], isAdded }) => ({
      name,
      type: isAdded ? 'date' : (columns[place ?? 0]?.type ?? ''),
    }));
    const views = [model.name, ...(model.publishedAs === null ? [] : [`main.${model.publishedAs}`])];
    await this.#connection.run(this.#create(views, kept));
  }

  get connection(): DuckDBConnection {
    return this.#connection;
  }

  /** Columns of the tables with these names, in their order. */
  async listColumns(tables: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const columns = new Map<string, readonly string[]>();
    for (const name of tables) {
      const rows = await readRows(this.#connection, `describe ${quoteTable(name.replace(/^\./, ''))}`);
      columns.set(
        name,
        rows.map((row) => String(row['column_name'])),
      );
    }
    return columns;
  }

  /** Binds a SELECT over the tables added so far. @throws DuckDB's error */
  async bind(sql: string): Promise<BoundSelect> {
    const select = `(\n${sql.replace(DATE, `(select "date" from ${DATE_TABLE})`)}\n)`;
    const rows = await readRows(this.#connection, `describe from ${select}`);
    const columns = rows.map((row) => ({
      name: String(row['column_name']),
      type: String(row['column_type']),
    }));
    return { columns, relation: `${select} as m(${columns.map((_, place) => `o${place}`).join(', ')})` };
  }

  /** The sources of the SELECT columns at the given positions; without positions, the sources that determine its rows. */
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

  /** Creates a table with numbered columns, and views that restore the names. */
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

/** An empty table in place of the date of a report, because a value would be folded into the plan. */
const DATE_TABLE = `${PLAN_SCHEMA}.params`;
const DATE = /(?<![\w$\u0080-\uffff])\$date(?![\w$\u0080-\uffff])/gi;

/** Lines that `bind` puts above those of a SELECT. */
export const LINES_ABOVE = 1;

function quoteTable(name: string): string {
  return name.split('.').map(quoteName).join('.');
}
