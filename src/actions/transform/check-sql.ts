import { join } from 'node:path';
import { SQL_WORDS } from '../../base/text/sql-words.js';
import { findDefinition, type Project } from '../../project.js';
import { loadReports, type ReportFile, type ShownReport } from '../../report/report-file.js';
import { type EvaluatedReports, findRejected } from '../../warehouse/evaluate-reports.js';
import { knownIn, listPipelines } from './transform-dates.js';

/**
 * Validates models and reports before any request to a source, including what they may read and publish.
 * @throws E_MODEL, E_LINEAGE, E_EXPORT_RAW, E_NAME, E_DISK_READ
 */
export async function checkSql(project: Project, pipeline: string): Promise<void> {
  warnOfWords(project, pipeline);
  const { reports } = await findReports(project, pipeline);
  await assertReports(project, reports);
}

/** Logs each landing column whose name SQL reads as a word of its own. @throws E_UNKNOWN */
export function warnOfWords(project: Project, pipeline: string): void {
  for (const { name: dataset, landing } of findDefinition(project, pipeline).datasets.values())
    for (const { name: column } of landing)
      if (SQL_WORDS.has(column)) project.effects.log.warn('column_is_a_word_of_sql', { dataset, column });
}

/** The reports of a pipeline, not evaluated yet. @throws E_UNKNOWN, E_MODEL, E_NAME, E_DISK_READ */
export async function findReports(project: Project, pipeline: string) {
  const definition = findDefinition(project, pipeline);
  const sqlDir = join(project.config.sqlDir, definition.pipeline);
  return { definition, reports: await loadReports(definition.pipeline, sqlDir, definition.minCell) };
}

/** The reports, if all of them can be shown. @throws the first error of a report or model */
export async function assertReports(
  project: Project,
  reports: readonly ReportFile[],
): Promise<ShownReport[]> {
  const { rejected, cells } = await findRefused(project, reports);
  const [refused] = rejected.values();
  if (refused !== undefined) throw refused;
  return reports.map((report) => ({ ...report, cells: cells.get(report.name) ?? null }));
}

/** Rejected reports by name, each with its error, and how the others hide small cells. @throws E_MODEL, E_LINEAGE, E_NAME, E_DISK_READ of models */
export async function findRefused(
  project: Project,
  reports: readonly ReportFile[],
): Promise<EvaluatedReports> {
  const unread = reports.flatMap(({ name, problem }) => (problem === null ? [] : [[name, problem] as const]));
  const sound = reports.filter(({ problem }) => problem === null);
  const input = knownIn(project);
  const found = await findRejected(listPipelines(project), input, sound, listOpenZones(project));
  return { rejected: new Map([...unread, ...found.rejected]), cells: found.cells };
}

/** Datasets whose raw zone may be read by reports and queries. */
export function listOpenZones({ definitions }: Project): string[] {
  return [...definitions.values()]
    .flatMap(({ datasets }) => [...datasets.values()])
    .filter(({ rawZone }) => rawZone === 'open')
    .flatMap(({ name, time }) => (time === 'snapshot' ? [name, `${name}_latest`] : [name]));
}
