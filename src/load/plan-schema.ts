import type { LoadTable } from '../base/types/load.js';

/** A column of a table in a target, with its type as the target writes it. */
export interface ExistingColumn {
  readonly name: string;
  readonly type: string;
}

/** Types of columns in a type of target. */
export interface SchemaRules {
  /** The type of a column for a DuckDB type. */
  readonly typeOf: (duckType: string) => string;
  /** Whether every value of a column of type `from` fits into one of type `to`. */
  readonly widens: (from: string, to: string) => boolean;
  /** The statement that gives a column another type, which may lose values. */
  readonly retype: (table: LoadTable, column: string, type: string) => string;
  readonly drop: (table: LoadTable, column: string) => string;
  /** The bytes of a name that the target keeps; null for no limit. */
  readonly nameBytes: number | null;
}

/** Why the names of a table do not fit into the target, which would cut them; null if they do. Pure. */
export function findLongName({ name, columns }: LoadTable, { nameBytes }: SchemaRules): string | null {
  const isLong = (text: string): boolean => nameBytes !== null && Buffer.byteLength(text) > nameBytes;
  const limit = `more than the ${String(nameBytes)} bytes that the target keeps`;
  if (isLong(name)) return `has a name of ${limit}`;
  const column = columns.find((one) => isLong(one.name));
  return column === undefined ? null : `has a column ${column.name}, a name of ${limit}`;
}

export type TableChange =
  | { readonly kind: 'create'; readonly columns: readonly ExistingColumn[]; readonly key: readonly string[] }
  | {
      readonly kind: 'alter';
      readonly added: readonly ExistingColumn[];
      readonly widened: readonly ExistingColumn[];
    };

/** What the target's table must be changed by hand for. */
export interface Refusal {
  readonly kind: 'refused';
  readonly problem: string;
  /** The statement to run. */
  readonly statement: string;
}

/**
 * How a table of the target becomes one that holds the table of the warehouse: columns are added and widened, never
 * dropped or narrowed. Pure.
 * @param existing null if the target has no such table
 * @param hasKey whether every row has its key
 */
export function planSchema(
  table: LoadTable,
  existing: readonly ExistingColumn[] | null,
  rules: SchemaRules,
  hasKey: boolean,
): TableChange | Refusal {
  const wanted = table.columns.map(({ name, type }) => ({ name, type: rules.typeOf(type) }));
  if (existing === null) return { kind: 'create', columns: wanted, key: hasKey ? table.key : [] };
  const known = new Map(existing.map(({ name, type }) => [name, type]));
  const names = new Set(wanted.map(({ name }) => name));
  const extra = existing.find(({ name }) => !names.has(name));
  if (extra !== undefined) {
    const problem = `has a column ${extra.name} that is not loaded`;
    return { kind: 'refused', problem, statement: rules.drop(table, extra.name) };
  }
  const widened: ExistingColumn[] = [];
  for (const column of wanted) {
    const type = known.get(column.name);
    if (type === undefined || type === column.type) continue;
    if (!rules.widens(type, column.type)) {
      const problem = `has a column ${column.name} of type ${type}, and ${column.type} is loaded`;
      return { kind: 'refused', problem, statement: rules.retype(table, column.name, column.type) };
    }
    widened.push(column);
  }
  return { kind: 'alter', added: wanted.filter(({ name }) => !known.has(name)), widened };
}

/** Digits before and after the point of `numeric(18,2)` and the like; null for another type. */
export function readPrecision(type: string): { readonly whole: number; readonly scale: number } | null {
  const [, precision, scale] = /^(?:decimal|numeric)\((\d+),(\d+)\)$/i.exec(type) ?? [];
  if (precision === undefined || scale === undefined) return null;
  return { whole: Number(precision) - Number(scale), scale: Number(scale) };
}

/** Whether every decimal of one type fits into another; false if either is none. */
export function fitsDecimal(from: string, to: string): boolean {
  const [own, other] = [readPrecision(from), readPrecision(to)];
  return own !== null && other !== null && other.whole >= own.whole && other.scale >= own.scale;
}
