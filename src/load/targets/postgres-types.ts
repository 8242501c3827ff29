import { quoteName } from '../../base/duckdb.js';
import type { LoadTable } from '../../base/types/load.js';
import { fitsDecimal, readPrecision, type SchemaRules } from '../plan-schema.js';

/** Types of PostgreSQL as `format_type` writes them, by the DuckDB type. */
const TYPES: Readonly<Record<string, string>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'smallint',
  UTINYINT: 'smallint',
  SMALLINT: 'smallint',
  USMALLINT: 'integer',
  INTEGER: 'integer',
  UINTEGER: 'bigint',
  BIGINT: 'bigint',
  UBIGINT: 'numeric(20,0)',
  HUGEINT: 'numeric(39,0)',
  UHUGEINT: 'numeric(39,0)',
  FLOAT: 'real',
  DOUBLE: 'double precision',
  DATE: 'date',
  TIME: 'time without time zone',
  TIMESTAMP: 'timestamp without time zone',
  TIMESTAMP_S: 'timestamp without time zone',
  TIMESTAMP_MS: 'timestamp without time zone',
  'TIMESTAMP WITH TIME ZONE': 'timestamp with time zone',
  INTERVAL: 'interval',
  UUID: 'uuid',
  BLOB: 'bytea',
};

const NESTED = /\]$|^(?:STRUCT|MAP|UNION)\(/;

/** Lists, structs and maps become JSON, and what PostgreSQL has no type for becomes text. */
export function typeOf(duckType: string): string {
  const decimal = readPrecision(duckType);
  if (decimal !== null) return `numeric(${decimal.whole + decimal.scale},${decimal.scale})`;
  if (NESTED.test(duckType) || duckType === 'JSON') return 'jsonb';
  return TYPES[duckType] ?? 'text';
}

/** Digits of the largest value. */
const INTEGERS: Readonly<Record<string, number>> = { smallint: 5, integer: 10, bigint: 19 };

/** Types that a value may move to without a loss. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  smallint: ['integer', 'bigint', 'real', 'double precision'],
  integer: ['bigint', 'double precision'],
  real: ['double precision'],
  date: ['timestamp without time zone'],
};

function widens(from: string, to: string): boolean {
  const digits = INTEGERS[from];
  const wanted = readPrecision(to);
  if (digits !== undefined && wanted !== null) return wanted.whole >= digits;
  return WIDER[from]?.includes(to) === true || fitsDecimal(from, to);
}

/** @param prefix of the schemas */
export function postgresRules(prefix: string): SchemaRules {
  const alter = (table: LoadTable): string => `alter table ${quoteTable(prefix, table)}`;
  return {
    typeOf,
    widens,
    // NAMEDATALEN - 1
    nameBytes: 63,
    retype: (table, column, type) =>
      `${alter(table)} alter column ${quoteName(column)} type ${type} using ${quoteName(column)}::${type}`,
    drop: (table, column) => `${alter(table)} drop column ${quoteName(column)}`,
  };
}

export function quoteTable(prefix: string, { layer, name }: Pick<LoadTable, 'layer' | 'name'>): string {
  return `${quoteName(`${prefix}${layer}`)}.${quoteName(name)}`;
}

/** The lines of a part as DuckDB writes them for `COPY … FROM STDIN`, in batches of bytes. */
export function selectCopyText({ columns }: LoadTable, part: string): string {
  const line = columns.map(({ name, type }) => writeCell(quoteName(name), type)).join(' || chr(9) || ');
  return `select encode(string_agg(line, '')) as lines from (
      select line, row_number() over (order by hash(line)) // ${LINES_PER_BATCH} as batch
      from (select ${line} || chr(10) as line from (${part}) as part) as lines
    ) as numbered group by batch`;
}

const LINES_PER_BATCH = 4096;

/** A cell in COPY's text format: `\N` is null, and a backslash goes before what would end a cell or a line. */
function writeCell(name: string, type: string): string {
  return `coalesce(${writeValue(name, type)}, '\\N')`;
}

function writeValue(name: string, type: string): string {
  const text = `${name}::varchar`;
  if (type === 'BLOB') return `'\\\\x' || hex(${name})`;
  if (type === 'DATE' || type.startsWith('TIMESTAMP')) return `replace(${text}, ' (BC)', ' BC')`;
  if (NESTED.test(type) || type === 'JSON') return escapeText(withoutEscapedNul(`to_json(${name})::varchar`));
  return typeOf(type) === 'text' ? escapeText(text) : text;
}

/** Few texts hold a sign that is escaped, and one look for all of them is cheaper than five. */
function escapeText(text: string): string {
  const pairs = [
    [`'\\'`, `'\\\\'`],
    ['chr(10)', `'\\n'`],
    ['chr(13)', `'\\r'`],
    ['chr(9)', `'\\t'`],
    ['chr(0)', 'chr(65533)'],
  ] as const;
  const escaped = pairs.reduce((sql, [from, to]) => `replace(${sql}, ${from}, ${to})`, text);
  return `case when regexp_matches(${text}, '[\\\\\\n\\r\\t\\x00]') then ${escaped} else ${text} end`;
}

/** U+0000 within the text of JSON. Twice, since two of them in a row share a sign. */
function withoutEscapedNul(json: string): string {
  const once = (sql: string): string =>
    `regexp_replace(${sql}, '((?:^|[^\\\\])(?:\\\\\\\\)*)\\\\u0000', '\\1' || chr(65533), 'g')`;
  return once(once(json));
}

/** Types that DuckDB's extension copies without a conversion. */
const PLAIN =
  /^(?:BOOLEAN|SMALLINT|INTEGER|BIGINT|FLOAT|DOUBLE|VARCHAR|DATE|TIMESTAMP|TIMESTAMP WITH TIME ZONE|DECIMAL\(.*\))$/;

/** The rows of a part for DuckDB's extension; null if a column of the table has a type that only text carries. */
export function selectPlain({ columns }: LoadTable, part: string): string | null {
  if (columns.some(({ type }) => !PLAIN.test(type))) return null;
  const list = columns.map(({ name, type }) => {
    const column = quoteName(name);
    return type === 'VARCHAR' ? `replace(${column}, chr(0), chr(65533)) as ${column}` : column;
  });
  const cells = columns.map(({ name }) => quoteName(name)).join(', ');
  return `select ${list.join(', ')} from (${part}) as part order by hash(${cells})`;
}
