import type { Terminal } from '../../base/config/config.js';
import { formatMoment } from '../../base/dates/calendar.js';
import { paint } from '../../base/terminal/paint.js';
import { formatTable } from '../../base/terminal/table.js';
import { describeBlanked, HIDDEN, isHidden } from '../../base/text/blanked.js';
import { formatCount } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import type { ReportResult } from '../../base/types/result.js';
import type { ReportDocument } from './report-on.js';
import { describeLeftOutRun } from './tables-state.js';

/** The number of rows to show of a report, and the pipeline that prints the rest. */
export interface ReportLimit {
  readonly pipeline: string;
  readonly rows: number;
}

/** Formats reports as titles and tables, complete unless there is a limit. */
export function formatReports(
  reports: readonly ReportResult[],
  terminal: Terminal,
  limit: ReportLimit | null = null,
): string {
  return reports.map((report) => formatReport(report, terminal, limit)).join('\n\n');
}

/** Reports with their date, the time of the tables, and a later run that is not in them. */
export function formatReportDocument(document: ReportDocument, terminal: Terminal): string {
  const { pipeline, date, as_of, reports } = document;
  const asOf = as_of === null ? '' : `, as of ${formatMoment(as_of, 'minute')} UTC`;
  const leftOut = describeLeftOutRun(document);
  const head = [`${pipeline}, ${date}${asOf}`, ...(leftOut === null ? [] : [`Warning: ${leftOut}`])];
  return [head.map(scrub).join('\n'), formatReports(reports, terminal)].join('\n\n');
}

function formatReport(
  { report, title, columns, rows, blanked }: ReportResult,
  terminal: Terminal,
  limit: ReportLimit | null,
): string {
  const head = paint(scrub(title), 'bold', terminal.color);
  if (rows.length === 0) return `${head}\n\nNo rows.`;
  const shown = limit === null ? rows : rows.slice(0, limit.rows);
  const heads = columns.map((column) => column.replaceAll('_', ' '));
  const cells = shown.map((row, at) =>
    columns.map((column) => (isHidden(blanked, column, at, rows.length) ? HIDDEN : (row[column] ?? null))),
  );
  const note = blanked === null ? null : describeBlanked(blanked);
  const table = formatTable(heads, cells, { ...terminal, grouped: true });
  const hidden = rows.length - shown.length;
  const more = `… and ${formatCount(hidden)} more: pipeline report ${String(limit?.pipeline)} ${report}`;
  return [`${head}\n\n${table}`, ...(hidden === 0 ? [] : [more]), ...(note === null ? [] : [note])].join(
    '\n',
  );
}
