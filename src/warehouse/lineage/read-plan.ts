import { isObject, type JsonObject } from '../../base/json-values.js';
import { readKind } from '../sql/syntax-tree.js';

/** What a DuckDB plan reads, by the table and column numbers of the lineage instance. */
export interface PlanReads {
  readonly tables: ReadonlySet<number>;
  readonly columns: ReadonlySet<number>;
  /** Tables whose scan does not list its columns: all their columns count. */
  readonly whole: ReadonlySet<number>;
  /** Unsupported leaves: they count as reading everything. */
  readonly unknown: ReadonlySet<string>;
}

/** Schema of the tables in plans. A scan names a table `CATALOG.lineage.tN` and its columns `cN`. */
export const PLAN_SCHEMA = 'lineage';
const TABLE = new RegExp(`^[^.]+\\.${PLAN_SCHEMA}\\.t(\\d+)$`);
const COLUMN = /\bc(\d+)\b/g;

/** Leaves without table columns: results of other parts of the plan, lists of values, or nothing. */
const EMPTY_LEAVES = [
  ...['CTE_SCAN', 'REC_CTE_SCAN', 'DELIM_SCAN', 'COLUMN_DATA_SCAN', 'DUMMY_SCAN', 'RANGE', 'EMPTY_RESULT'],
  // Names of tables and columns, which `show` and `information_schema` return.
  ...[
    'DUCKDB_DATABASES',
    'DUCKDB_SCHEMAS',
    'DUCKDB_TABLES',
    'DUCKDB_VIEWS',
    'DUCKDB_COLUMNS',
    'DUCKDB_CONSTRAINTS',
  ],
];

/**
 * Parses the text of `explain (format json)`. An unsupported leaf is reported, never ignored. Pure.
 */
export function readPlan(text: string): PlanReads {
  const reads = { tables: new Set<number>(), columns: new Set<number>() };
  const found = { ...reads, whole: new Set<number>(), unknown: new Set<string>() };
  const plan: unknown = JSON.parse(text);
  if (!Array.isArray(plan) || plan.length === 0) found.unknown.add('plan');
  else for (const node of plan) visit(node, found);
  return found;
}

type Found = { readonly [K in keyof PlanReads]: PlanReads[K] extends ReadonlySet<infer T> ? Set<T> : never };

function visit(node: unknown, found: Found): void {
  const children = isObject(node) ? node['children'] : null;
  if (!isObject(node) || !Array.isArray(children)) {
    found.unknown.add('plan');
    return;
  }
  for (const child of children) visit(child, found);
  const name = readKind(node['name']).trim();
  if (name === 'SEQ_SCAN') visitScan(node, found);
  // The group-by of a correlated subquery is next to the join that feeds it.
  else if (children.length === 0 && !EMPTY_LEAVES.includes(name) && !name.endsWith('GROUP_BY'))
    found.unknown.add(name);
}

/** Every column that a scan mentions, in its projections or in the text of a filter, counts as read. */
function visitScan(node: JsonObject, found: Found): void {
  const {
    Table: name,
    Projections: projections,
    ...more
  } = isObject(node['extra_info']) ? node['extra_info'] : {};
  const table = TABLE.exec(readKind(name))?.[1];
  if (table === undefined) {
    found.unknown.add('SEQ_SCAN');
    return;
  }
  found.tables.add(Number(table));
  const texts = typeof projections === 'string' ? [projections] : projections;
  if (!Array.isArray(texts) || !texts.every(isColumn)) found.whole.add(Number(table));
  for (const [, column] of JSON.stringify([texts, more]).matchAll(COLUMN)) found.columns.add(Number(column));
}

/** `c5`, a field of it such as `c5.city`, or nothing. */
function isColumn(text: unknown): boolean {
  return typeof text === 'string' && /^(c\d+(\..*)?)?$/s.test(text);
}
