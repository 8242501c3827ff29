import type { Terminal } from '../config.js';
import type { ReportResult } from '../result.js';
import { paint } from './paint.js';
import { scrub } from './scrub.js';
import { formatTable } from './table.js';

/** Reports for a person: each a title and a table. */
export function formatReports(reports: readonly ReportResult[], terminal: Terminal): string {
  return reports.map((report) => formatReport(report, terminal)).join('\n\n');
}

function formatReport({ title, columns, rows }: ReportResult, terminal: Terminal): string {
  const cells = rows.map((row) => columns.map((column) => row[column] ?? null));
  const table = rows.length === 0 ? 'No rows.' : formatTable(columns, cells, terminal);
  return `${paint(scrub(title), 'bold', terminal.color)}\n\n${table}`;
}
