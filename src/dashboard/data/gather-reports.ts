import { findLandedDate, openWarehouse } from '../../actions/report/report-on.js';
import { describeLeftOutRun, findTablesState } from '../../actions/report/tables-state.js';
import { assertReports, findReports } from '../../actions/transform/check-sql.js';
import { LakeveilError } from '../../base/errors.js';
import { commandsFor } from '../../base/next-commands.js';
import type { Cell } from '../../base/types/result.js';
import type { WarehouseReader } from '../../base/types/warehouse-reader.js';
import { todayOf } from '../../project.js';
import { writeText } from '../../report/export-format.js';
import { assertNoTokens } from '../../report/export-results.js';
import { assertHeadColumns, type ReportFile, type ShownReport } from '../../report/report-file.js';
import { chooseReports, describeReport } from '../../report/run-reports.js';
import { hasDatabase } from '../../warehouse/file/next-file.js';
import { describeProblem } from './describe-run.js';
import { listLandedDates } from './gather-landed.js';
import type { LakeSnapshot } from './lake-snapshot.js';
import type { PipelineModel, Problem, ReportModel, ReportTable } from './models.js';

/** Rows of a result kept for its chart: five years of daily values for six lines. */
const KEPT_ROWS = 12_000;

/** A pipeline's reports for a date; null means the newest landed date. A report that fails does not affect the others. */
export async function gatherPipeline(
  snapshot: LakeSnapshot,
  pipeline: string,
  requestedDate: string | null,
): Promise<PipelineModel> {
  const { definition, reports } = await findReports(snapshot.project, pipeline);
  const landed = (await snapshot.landed()).get(pipeline) ?? [];
  const dates = listLandedDates(landed);
  const date = requestedDate ?? dates.at(-1) ?? null;
  const now = snapshot.project.effects.now().toISOString();
  const isLanded = date !== null && dates.includes(date);
  const isBuilt =
    !(await hasDatabase(snapshot.project.config.databasePath)) ||
    landed.some((row) => row.date === date && !row.notes.includes('not_built'));
  const tables = findTablesState(await snapshot.runs(), pipeline);
  const text = describeLeftOutRun(tables);
  return {
    pipeline,
    date,
    fetchCommand: commandsFor(definition, snapshot.project.effects.now()).run(date),
    asOf: tables.as_of,
    leftOut: text === null ? null : { text, runId: tables.not_included?.run_id ?? '' },
    isLanded,
    isBuilt,
    dates,
    description: definition.description,
    today: todayOf(snapshot.project, pipeline),
    hour: [...definition.datasets.values()].some(({ slot }) => slot === 'hour') ? now.slice(11, 13) : null,
    isSnapshot: [...definition.datasets.values()].some(({ time }) => time === 'snapshot'),
    reports: isLanded && isBuilt ? await runAll(snapshot, definition.pipeline, { reports, date }) : [],
  };
}

/** The CSV of a report, as `export` writes it. @throws E_UNKNOWN, E_NOT_LANDED, E_EXPORT_TOKENS and what running the report throws */
export async function writeReportCsv(
  snapshot: LakeSnapshot,
  { pipeline, report, date }: { readonly pipeline: string; readonly report: string; readonly date: string },
): Promise<string> {
  const { project } = snapshot;
  const [chosen] = chooseReports((await findReports(project, pipeline)).reports, [report]);
  // As the other views of this state of the lake: a date that is pruned in the meantime is still one of them.
  const landed = (await snapshot.landed()).get(pipeline) ?? [];
  if (!landed.some((row) => row.date === date)) await findLandedDate(project, pipeline, date);
  const [file] = await assertReports(project, chosen === undefined ? [] : [chosen]);
  const reader = await openWarehouse(project, null);
  try {
    if (file === undefined) return '';
    await assertNoTokens(reader, { name: file.name, statement: describeReport(file, date) });
    let text = '';
    for await (const part of writeText(
      'csv',
      await reader.select(describeReport(file, date)),
      () => undefined,
    )) {
      text += part;
    }
    return text;
  } finally {
    reader.close();
  }
}

async function runAll(
  { project, evaluated }: LakeSnapshot,
  pipeline: string,
  { reports, date }: { readonly reports: readonly ReportFile[]; readonly date: string },
): Promise<ReportModel[]> {
  if (reports.length === 0) return [];
  const reader = await openWarehouse(project, null).catch(toProblem);
  const found = await evaluated(pipeline).catch(toProblem);
  const run = async (report: ReportFile): Promise<ReportTable | Problem> => {
    if ('code' in reader) return reader;
    if ('code' in found) return found;
    const error = found.rejected.get(report.name);
    if (error !== undefined) return toProblem(error);
    const shown = { ...report, cells: found.cells.get(report.name) ?? null };
    return runOne(reader, shown, date).catch(toProblem);
  };
  const models: ReportModel[] = [];
  for (const report of reports) {
    const { name, title, file, sql, internal, chart } = report;
    models.push({ name, title, file, sql, internal, chart, result: await run(report) });
  }
  if (!('code' in reader)) reader.close();
  return models;
}

async function runOne(reader: WarehouseReader, report: ShownReport, date: string): Promise<ReportTable> {
  // A view never shows tokens, which `export` writes only with a flag.
  await assertNoTokens(reader, { name: report.name, statement: describeReport(report, date) });
  const { columns, batches, blanked } = await reader.select(describeReport(report, date));
  assertHeadColumns(
    report,
    columns.map(({ name }) => name),
  );
  const rows: (readonly Cell[])[] = [];
  let total = 0;
  for await (const batch of batches) {
    total += batch.length;
    rows.push(...batch.slice(0, Math.max(0, KEPT_ROWS - rows.length)));
  }
  const shown = columns.map(({ name, kind }) => ({ name, isNumber: kind === 'number' }));
  return { columns: shown, rows, total, blanked };
}

function toProblem(error: unknown): Problem {
  if (error instanceof LakeveilError) return describeProblem(error);
  throw error;
}
