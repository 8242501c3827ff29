import type { CellRules } from '../../src/base/types/warehouse-reader.js';
import { loadReports, type ShownReport } from '../../src/report/report-file.js';

/** Reports of a folder as if lineage had been followed: with the given rules for small cells, or none. */
export async function loadShown(
  sqlDir: string,
  cells: (report: string) => CellRules | null = () => null,
): Promise<ShownReport[]> {
  const reports = await loadReports('persons', sqlDir, null);
  return reports.map((report) => ({ ...report, cells: cells(report.name) }));
}
