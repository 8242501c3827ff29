import type { Terminal } from '../config.js';
import { writeCsvHead, writeCsvRow } from '../report/csv.js';
import type { Cell } from '../result.js';
import type { QueryResult } from '../warehouse/query-warehouse.js';
import { countOf } from './count.js';
import { formatJson } from './json.js';
import type { QueryFormat } from './query-format.js';
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
      return [writeCsvHead(columns), ...rows.map((row) => writeCsvRow(columns, row))].join('').slice(0, -1);
    case 'table': {
      const names = columns.map(({ name }) => name);
      return `${formatTable(names, rows, terminal)}\n\n${countOf(rows.length, 'row')}`;
    }
    default:
      return format satisfies never;
  }
}
