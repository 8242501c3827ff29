import type { Terminal } from '../config.js';
import { writeCsvHead, writeCsvRow } from '../report/csv.js';
import type { Cell } from '../result.js';
import type { QueryResult } from '../warehouse/query-warehouse.js';
import { countOf } from './count.js';
import { formatJson } from './json.js';
import type { QueryFormat } from './query-format.js';
import { scrub } from './scrub.js';
import { formatTable } from './table.js';

/** What `query --json` prints. */
export interface QueryDocument {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
}

export function describeQuery({ columns, rows }: QueryResult): QueryDocument {
  const names = columns.map(({ name }) => name);
  return {
    columns: names,
    rows: rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]))),
  };
}

/** The answer of a query, without the last line break. Names and numbers stay as SQL has them. */
export function formatQuery(result: QueryResult, format: QueryFormat, terminal: Terminal): string {
  const { columns, rows } = result;
  switch (format) {
    case 'json':
      return formatJson(describeQuery(result).rows);
    case 'csv':
      return formatCsv(result).slice(0, -1);
    case 'table': {
      const names = columns.map(({ name }) => name);
      return `${formatTable(names, rows, terminal)}\n\n${countOf(rows.length, 'row')}`;
    }
    default:
      return format satisfies never;
  }
}

/** Unlike the file of an export it may go to a terminal, so that its texts are scrubbed. */
function formatCsv({ columns, rows }: QueryResult): string {
  const head = writeCsvHead(columns.map(({ name, kind }) => ({ name: scrub(name), kind })));
  return [head, ...rows.map((row) => writeCsvRow(columns, row.map(scrubCell)))].join('');
}

function scrubCell(cell: Cell): Cell {
  return typeof cell === 'string' ? scrub(cell) : cell;
}
