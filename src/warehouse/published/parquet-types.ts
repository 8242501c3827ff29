import { quoteName } from '../../base/duckdb.js';

/** A column of a SELECT, with its type as DuckDB writes it. */
interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

/** Names and members in quotes, which are no types, or a type of 128 bits. */
const WIDE = /"(?:[^"]|"")*"|'(?:[^']|'')*'|\bU?HUGEINT\b/g;

/**
 * The SELECT with its integers of 128 bits as DECIMAL(38,0), within lists and structs too: DuckDB would write them as
 * DOUBLE and lose digits. One of more than 38 digits is an error when it runs.
 */
export function castForParquet(sql: string, columns: readonly TypedColumn[]): string {
  if (columns.every(({ type }) => narrow(type) === type)) return sql;
  const list = columns.map(({ name, type }) => {
    const to = narrow(type);
    return to === type ? quoteName(name) : `cast(${quoteName(name)} as ${to}) as ${quoteName(name)}`;
  });
  return `select ${list.join(', ')} from (\n${sql}\n)`;
}

function narrow(type: string): string {
  return type.replaceAll(WIDE, (found) => (/^U?HUGEINT$/.test(found) ? 'DECIMAL(38,0)' : found));
}

/** What Parquet holds in another type without a loss. */
const SAME: readonly (readonly [RegExp, string])[] = [
  [/ENUM\((?:'(?:[^']|'')*'|[^')])*\)/g, 'VARCHAR'],
  [/\b(?:BIGNUM|BIT)\b/g, 'VARCHAR'],
  [/\bTIMESTAMP_M?S\b/g, 'TIMESTAMP'],
  [/\[\d+\]/g, '[]'],
  [/"NULL"|\bSQLNULL\b/g, 'INTEGER'],
];

/** Why a written column is not of its statement's type, or null: `total is HUGEINT, which Parquet holds as DOUBLE`. */
export function findChangedType(columns: readonly TypedColumn[], written: readonly string[]): string | null {
  for (const [index, { name, type }] of columns.entries()) {
    const held = written[index] ?? 'nothing';
    const wanted = SAME.reduce((text, [from, to]) => text.replaceAll(from, to), narrow(type));
    if (unquote(held) !== unquote(wanted))
      return `column ${name} is ${type}, which Parquet holds as ${held}: cast it in the SQL`;
  }
  return null;
}

/** One spelling of field names, which DuckDB quotes in one place and not in another. */
function unquote(type: string): string {
  return type.replaceAll(/"(\w+)"/g, '$1');
}
