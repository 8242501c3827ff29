import { failure } from '../base/errors.js';
import type { Cell, ReportResult } from '../base/types/result.js';
import type { Statement, WarehouseReader } from '../base/types/warehouse-reader.js';
import { assertHeadColumns, type ReportFile, type ShownReport } from './report-file.js';

/**
 * The reports with the given names, in that order; all reports if no name is given.
 * @throws E_UNKNOWN with the known names
 */
export function chooseReports<R extends ReportFile>(
  reports: readonly R[],
  names: readonly string[],
): readonly R[] {
  if (names.length === 0) return reports;
  return names.map((name) => {
    const report = reports.find((known) => known.name === name);
    if (report !== undefined) return report;
    throw failure('E_UNKNOWN', { kind: 'report', known: reports.map((known) => known.name).join(', ') });
  });
}

/**
 * Runs reports for one date, one after the other. Rows keep the order of the SQL.
 * @param date `YYYY-MM-DD`, bound to `$date`
 * @throws E_MODEL, E_EXPORT_RAW, E_SQL_RUN with the report's file
 */
export async function runReports(
  reader: WarehouseReader,
  reports: readonly ShownReport[],
  date: string,
): Promise<ReportResult[]> {
  const results: ReportResult[] = [];
  for (const report of reports) results.push(await runReport(reader, report, date));
  return results;
}

async function runReport(reader: WarehouseReader, report: ShownReport, date: string): Promise<ReportResult> {
  if (report.problem !== null) throw report.problem;
  const selection = await reader.select(describeReport(report, date));
  const columns = selection.columns.map((column) => column.name);
  assertHeadColumns(report, columns);
  const rows: Record<string, Cell>[] = [];
  for await (const batch of selection.batches) {
    for (const cells of batch) {
      rows.push(Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? null])));
    }
  }
  const { blanked } = selection;
  return { report: report.name, title: report.title, columns, rows, blanked };
}

/** @throws E_DEFECT for a report that must hide small cells and has no rules for it: it is never run */
export function describeReport(report: ShownReport, date: string): Statement {
  const { name, file, sql, exposes, cells, people, minCell } = report;
  if (cells === null && minCell !== null && people?.kind === 'column')
    throw failure('E_DEFECT', { name: 'describeReport', at: '' }, { file, stage: 'report' });
  return { sql, date, origin: { kind: 'report', report: name, file, exposes, cells } };
}
