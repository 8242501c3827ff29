import { join } from 'node:path';
import { SQL_WORDS } from '../../base/text/sql-words.js';
import { findDefinition, type Project } from '../../project.js';
import { loadReports } from '../../report/report-file.js';
import { evaluateReports, findHeadProblem } from '../../warehouse/evaluate-reports.js';
import { withProject } from '../../warehouse/project.js';
import { listPipelines } from './transform-dates.js';

/**
 * Validates models and reports before any request to a source, including what they may read and publish.
 * @throws the first error of a report or model: E_MODEL, E_LINEAGE, E_EXPORT_RAW, E_NAME, E_DISK_READ
 */
export async function checkSql(project: Project, pipeline: string): Promise<void> {
  warnOfWords(project, pipeline);
  const { reports } = await findReports(project, pipeline);
  const rejected = await withProject(listPipelines(project), async (loaded, lineage) => {
    const [first] = (await evaluateReports(loaded, lineage, reports, listOpenZones(project))).values();
    return first ?? (await findHeadProblem(loaded, lineage, reports));
  });
  if (rejected !== null) throw rejected;
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
  return { definition, reports: await loadReports(definition.pipeline, sqlDir) };
}

/** Datasets whose raw zone may be read by reports and queries. */
export function listOpenZones({ definitions }: Project): string[] {
  return [...definitions.values()]
    .flatMap(({ datasets }) => [...datasets.values()])
    .filter(({ rawZone }) => rawZone === 'open')
    .flatMap(({ name, time }) => (time === 'snapshot' ? [name, `${name}_latest`] : [name]));
}
