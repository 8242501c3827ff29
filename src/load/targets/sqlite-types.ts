import { quoteName } from '../../base/duckdb.js';
import type { LoadTable } from '../../base/types/load.js';
import { fitsDecimal, readPrecision, type SchemaRules } from '../plan-schema.js';

/** Declared types of SQLite by the DuckDB type; their affinity keeps the values as they are (sqlite.org/datatype3.html). */
const TYPES: Readonly<Record<string, string>> = {
  BOOLEAN: 'BOOLEAN',
  TINYINT: 'INTEGER',
  UTINYINT: 'INTEGER',
  SMALLINT: 'INTEGER',
  USMALLINT: 'INTEGER',
  INTEGER: 'INTEGER',
  UINTEGER: 'INTEGER',
  BIGINT: 'INTEGER',
  UBIGINT: 'INTEGER',
  HUGEINT: 'INTEGER',
  UHUGEINT: 'INTEGER',
  FLOAT: 'REAL',
  DOUBLE: 'REAL',
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMP',
  TIMESTAMP_S: 'TIMESTAMP',
  TIMESTAMP_MS: 'TIMESTAMP',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP',
  BLOB: 'BLOB',
};

function typeOf(duckType: string): string {
  const decimal = readPrecision(duckType);
  if (decimal === null) return TYPES[duckType] ?? 'TEXT';
  return `DECIMAL(${decimal.whole + decimal.scale},${decimal.scale})`;
}

function widens(from: string, to: string): boolean {
  if (fitsDecimal(from, to)) return true;
  const wanted = readPrecision(to);
  if (from === 'INTEGER') return to === 'REAL' || (wanted !== null && wanted.whole >= 19);
  return from === 'BOOLEAN' ? to === 'INTEGER' : from === 'DATE' && to === 'TIMESTAMP';
}

/** SQLite has no schemas: the layer is a part of the name. */
export function nameInFile(prefix: string, { layer, name }: Pick<LoadTable, 'layer' | 'name'>): string {
  return `${prefix}${layer}_${name}`;
}

export function sqliteRules(prefix: string): SchemaRules {
  const nameOf = (table: LoadTable): string => quoteName(nameInFile(prefix, table));
  return {
    typeOf,
    widens,
    nameBytes: null,
    // SQLite changes no type, so the table is made again.
    retype: (table) => `drop table ${nameOf(table)}`,
    drop: (table, column) => `alter table ${nameOf(table)} drop column ${quoteName(column)}`,
  };
}

const INTEGER = /^U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;
const NESTED = /\]$|^(?:STRUCT|MAP|UNION)\(/;
const MOMENT = '%Y-%m-%d %H:%M:%S.%f';

/** The rows of a part as values that SQLite takes, in an order that only their cells decide. */
export function selectValues({ columns }: LoadTable, part: string): string {
  const list = columns.map(({ name, type }) => `${writeValue(quoteName(name), type)} as ${quoteName(name)}`);
  const cells = columns.map(({ name }) => `part.${quoteName(name)}`).join(', ');
  return `select ${list.join(', ')} from (${part}) as part order by hash(${cells})`;
}

function writeValue(name: string, type: string): string {
  const value = `part.${name}`;
  if (type === 'BOOLEAN') return `${value}::integer`;
  if (INTEGER.test(type)) return `${value}::bigint`;
  if (type === 'FLOAT' || type === 'DOUBLE') return `${value}::double`;
  const decimal = readPrecision(type);
  if (decimal !== null) return decimal.scale === 0 ? `${value}::bigint` : `${value}::varchar`;
  if (type === 'BLOB') return value;
  if (type === 'TIMESTAMP WITH TIME ZONE')
    return `case when isfinite(${value}) then strftime(${value} at time zone 'UTC', '${MOMENT}Z') else ${value}::varchar end`;
  if (type.startsWith('TIMESTAMP'))
    return `case when isfinite(${value}) then strftime(${value}, '${MOMENT}') else ${value}::varchar end`;
  if (type === 'VARCHAR') return `replace(${value}, chr(0), chr(65533))`;
  // Its JSON has U+0000 as an escape, which is text like any other.
  return NESTED.test(type) ? `to_json(${value})::varchar` : `${value}::varchar`;
}

/** Counts of cells, by column, that SQLite would store as another number; an empty list if none can be. */
export function listInexact({
  columns,
}: LoadTable): readonly { readonly name: string; readonly count: string }[] {
  return columns.flatMap(({ name, type }) => {
    const test = testInexact(quoteName(name), type);
    return test === null ? [] : [{ name, count: `count_if(coalesce(${test}, false))` }];
  });
}

/** 64 bits for an integer, and 15 digits for a decimal, which SQLite keeps as a double; NaN becomes null. */
function testInexact(column: string, type: string): string | null {
  if (/^(?:UBIGINT|U?HUGEINT)$/.test(type))
    return `try_cast(${column} as bigint) is null and ${column} is not null`;
  if (type === 'FLOAT' || type === 'DOUBLE') return `isnan(${column})`;
  const decimal = readPrecision(type);
  if (decimal === null || decimal.whole + decimal.scale <= 15) return null;
  if (decimal.scale === 0) return `try_cast(${column} as bigint) is null and ${column} is not null`;
  return decimal.scale >= 15 ? `${column} <> 0` : `abs(${column}) >= 1${'0'.repeat(15 - decimal.scale)}`;
}
