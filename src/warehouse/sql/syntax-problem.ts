import { SQL_WORDS } from '../../base/text/sql-words.js';

/** A place in a SQL file, from 1. */
export interface SqlPlace {
  readonly line?: number;
  readonly column?: number;
}

/** The place of a character, which the parser counts from 0 in code points; `{}` if there is none. */
export function placeOf(sql: string, position: unknown): SqlPlace {
  const number = position === undefined || position === '' ? NaN : Number(position);
  const characters = Array.from(sql);
  if (!Number.isInteger(number) || number < 0 || number > characters.length) return {};
  const before = characters.slice(0, number).join('').split('\n');
  return { line: before.length, column: Array.from(before.at(-1) ?? '').length + 1 };
}

/** The place in the message of the binder or catalog; `{}` if it has none. @param above lines before the file's own */
export function placeInMessage(message: string, above: number): SqlPlace {
  const [, number, text = '', caret = ''] = /\nLINE (\d+): ([^\n]*)\n( *)\^/.exec(message) ?? [];
  if (number === undefined || Number(number) <= above) return {};
  const line = Number(number) - above;
  // A long line is cut at its start, and then the caret says nothing.
  return text.startsWith('...') ? { line } : { line, column: caret.length - `LINE ${number}: `.length + 1 };
}

const JINJA = /\{\{\s*(ref|source|config|var)\s*\(([^)]*)\)\s*\}\}/;

/**
 * What to write in place of what does not parse, if that is known: the table of a `{{ ref('x') }}`, or a landed column
 * whose name is a word of SQL.
 * @param tables qualified names of the tables of the project
 * @param columns names of landed columns
 */
export function findSyntaxFix(
  sql: string,
  { line }: SqlPlace,
  tables: readonly string[],
  columns: readonly string[],
): string | null {
  if (sql.includes('{{') || sql.includes('{%')) return fixJinja(sql, tables);
  const near = sql.split('\n')[(line ?? 0) - 1]?.toLowerCase() ?? '';
  const word = columns.find((name) => SQL_WORDS.has(name) && new RegExp(`\\b${name}\\b`).test(near));
  if (word === undefined) return null;
  return `write the column ${word} as \`"${word}"\`, or with its table, as in \`t.${word}\`; ${word} is a word of SQL`;
}

function fixJinja(sql: string, tables: readonly string[]): string {
  const [text, call, list = ''] = JINJA.exec(sql) ?? [];
  const name = /'([a-z_][a-z0-9_]*)'|"([a-z_][a-z0-9_]*)"/i.exec(list.split(',').at(-1) ?? '');
  const wanted = (name?.[1] ?? name?.[2] ?? '').toLowerCase();
  if (text === undefined || call === 'config' || call === 'var' || wanted === '')
    return 'write plain SQL: there are no templates, and the settings of a model are comments at its top, such as `-- materialize: table`';
  const layers = call === 'source' ? ['bronze'] : ['silver', 'gold', 'bronze'];
  const table = layers.map((layer) => `${layer}.${wanted}`).find((known) => tables.includes(known));
  return `write \`${table ?? `${layers[0] ?? ''}.${wanted}`}\` in place of \`${text}\``;
}
