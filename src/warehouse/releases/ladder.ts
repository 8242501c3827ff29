import { parse } from 'csv-parse/sync';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, quoteText } from '../../base/duckdb.js';
import { failure } from '../../base/errors.js';
import { readText } from '../../base/files/small-file.js';
import type { Ladder, LadderDefinition, Level } from '../../base/types/release.js';

const ALL: Level = { kind: 'all', label: '*' };

/** A column that can only be released as it is. */
export function fixedLadder(column: string): Ladder {
  return { column, levels: [{ kind: 'keep', label: 'as it is' }], table: [] };
}

/**
 * @param sqlDir absolute path of `sql/<pipeline>`
 * @param label the same, relative to the project
 * @throws E_MODEL for a table that is not a hierarchy, E_DISK_READ
 */
export async function loadLadder(
  column: string,
  definition: LadderDefinition,
  { sqlDir, label }: { readonly sqlDir: string; readonly label: string },
): Promise<Ladder> {
  if (definition.kind === 'steps') return { column, levels: definition.steps, table: [] };
  const file = `${label}/${definition.file}`;
  const [head = [], ...rows] = parseTable(await readText(`${sqlDir}/${definition.file}`, file), file);
  assertHierarchy(head, rows, file);
  const named = head.map((name, place): Level =>
    place === 0 ? { kind: 'keep', label: name } : { kind: 'table', label: name, place },
  );
  return { column, levels: [...named, ALL], table: rows };
}

function parseTable(text: string, file: string): string[][] {
  try {
    return parse(text, { bom: true, skip_empty_lines: true, trim: true });
  } catch {
    throw ladderError(file, 'it is not CSV with as many cells in each line', 'correct the file');
  }
}

/** Each value stands once, and equal values of a column have equal values in all columns after it. */
function assertHierarchy(head: readonly string[], rows: readonly (readonly string[])[], file: string): void {
  if (head.length < 2)
    throw ladderError(file, 'it has fewer than two columns', 'add a column for each level');
  const empty = rows.findIndex((row) => row.includes(''));
  if (empty >= 0) throw ladderError(file, 'a cell is empty', 'fill it', empty + 2);
  for (const place of head.keys()) {
    const coarser = new Map<string, string>();
    for (const [index, row] of rows.entries()) {
      const [value = '', rest] = [row[place], row.slice(place + 1).join('\n')];
      const other = coarser.get(value);
      const isTwice = other !== undefined && (place === 0 || other !== rest);
      if (isTwice) {
        const problem = place === 0 ? 'a value stands twice' : 'a value belongs to two coarser values';
        throw ladderError(
          file,
          problem,
          'give each value one line, and each level one coarser one',
          index + 2,
        );
      }
      coarser.set(value, rest);
    }
  }
}

function ladderError(file: string, problem: string, fix: string, line?: number) {
  const at = line === undefined ? {} : { line };
  return failure('E_MODEL', { problem, fix }, { file, ...at, stage: 'transform' });
}

/**
 * Creates a table with each value of a column once, and per level what is written (`t0`, `t1`, …) and a number for it
 * (`c0`, `c1`, …), the same for the same text; `raw` is the number of the value itself.
 * @param values a relation with the column `value`, as text
 */
export async function makeLevels(
  connection: DuckDBConnection,
  name: string,
  ladder: Ladder,
  values: string,
): Promise<void> {
  const texts = ladder.levels.map((level, index) => `${writeAt(level, 'value')} as t${index}`);
  const codes = ladder.levels.map(
    (_, index) => `dense_rank() over (order by t${index} nulls first)::integer as c${index}`,
  );
  await connection.run(
    `create or replace temp table ${name} as
    with known as (
      select row->>0 as key, row from (select unnest(from_json($table::varchar, '["json"]')) as row)
    ), levels as (
      select value, ${texts.join(', ')}
      from (select distinct value from ${values}) left join known on known.key = value
    )
    select *, dense_rank() over (order by value nulls first)::integer as raw, ${codes.join(', ')} from levels`,
    {
      table: JSON.stringify(ladder.table),
    },
  );
}

/** What is written for a value at a level. What a step does not apply to, such as `unknown`, stays as it is. Pure. */
function writeAt(level: Level, value: string): string {
  switch (level.kind) {
    case 'keep':
      return value;
    case 'all':
      return `'*'`;
    case 'table':
      // A value that is not in the table has no coarser form but this.
      return `coalesce(row->>${level.place}, '*')`;
    case 'characters':
      return `if(length(${value}) > ${level.count}, left(${value}, ${level.count}) || '*', ${value})`;
    case 'month':
      return `if(${isDate(value)}, left(${value}, 7), ${value})`;
    case 'quarter':
      return `if(${isDate(value)}, left(${value}, 4) || '-Q' || (substr(${value}, 6, 2)::integer + 2) // 3, ${value})`;
    case 'year':
      return `if(${isDate(value)}, left(${value}, 4), ${value})`;
    case 'width':
      return writeRange(value, level.width);
    default:
      return level satisfies never;
  }
}

function isDate(value: string): string {
  return String.raw`regexp_full_match(${value}, '\d{4}-\d{2}-\d{2}.*')`;
}

/** Of a number or of `[20-30]`, the range of the width that holds it; of `[90+]` the open range from there on. */
function writeRange(value: string, width: number): string {
  const part = (form: string, group: number) =>
    `nullif(regexp_extract(${value}, ${quoteText(form)}, ${group}), '')::double`;
  const [range, open, number] = [
    String.raw`^\[(-?\d{1,15})-(-?\d{1,15})\]$`,
    String.raw`^\[(-?\d{1,15})\+\]$`,
    String.raw`^(-?\d{1,15}(?:\.\d+)?)$`,
  ];
  const floor = (from: string) => `(floor(${from} / ${width}) * ${width})::bigint`;
  const write = (from: string) => `'[' || ${floor(from)} || '-' || (${floor(from)} + ${width}) || ']'`;
  const fits = `${part(range, 2)} <= ${floor(part(range, 1))} + ${width}`;
  return `case
    when ${part(number, 1)} is not null then ${write(part(number, 1))}
    when ${part(open, 1)} is not null then '[' || ${floor(part(open, 1))} || '+]'
    when ${fits} then ${write(part(range, 1))}
    else ${value} end`;
}

/** A column as text, by which its levels are looked up. */
export function textOfColumn(column: string): string {
  return `${quoteName(column)}::varchar`;
}
