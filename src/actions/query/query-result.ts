import type { Terminal } from '../../base/config/config.js';
import { formatTable } from '../../base/terminal/table.js';
import { formatJson } from '../../base/text/json.js';
import { countOf } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import type { Cell } from '../../base/types/result.js';
import type { Project } from '../../project.js';
import { writeCsvHead, writeCsvRow } from '../../report/csv.js';
import { toJsonRow } from '../../report/export-format.js';
import { type QueryResult, queryWarehouse } from '../../warehouse/published/open-reader.js';
import { openWarehouse } from '../report/report-on.js';

/** What `query --json` prints. */
interface QueryDocument {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export function describeQuery({ columns, rows }: QueryResult): QueryDocument {
  const names = columns.map(({ name }) => name);
  return {
    columns: names,
    rows: rows.map((row) => toJsonRow(columns, row)),
  };
}

/** The result of a query, without the final line break. Names and numbers are not reformatted. */
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

/** Unlike an exported file, the output may go to a terminal, so texts are scrubbed. */
function formatCsv({ columns, rows }: QueryResult): string {
  const head = writeCsvHead(columns.map(({ name, kind }) => ({ name: scrub(name), kind })));
  return [head, ...rows.map((row) => writeCsvRow(columns, row.map(scrubCell)))].join('');
}

function scrubCell(cell: Cell): Cell {
  return typeof cell === 'string' ? scrub(cell) : cell;
}

/** Output formats of `query`. */
export const QUERY_FORMATS = ['table', 'csv', 'json'] as const;
type QueryFormat = (typeof QUERY_FORMATS)[number];

/** Runs one SELECT on the published warehouse. @throws as `queryWarehouse`, and E_NO_WAREHOUSE, E_NOT_A_DATABASE */
export async function queryProject(project: Project, sql: string): Promise<QueryResult> {
  const reader = await openWarehouse(project, null);
  try {
    return await queryWarehouse(reader, sql);
  } finally {
    reader.close();
  }
}
