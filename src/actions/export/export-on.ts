import { dirname } from 'node:path';
import { describeBlanked } from '../../base/text/blanked.js';
import { countOf } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import { recordCopy } from '../../lake/copies.js';
import type { Project } from '../../project.js';
import type { ExportFormat } from '../../report/export-format.js';
import { type ExportedFile, exportResults, isTableName } from '../../report/export-results.js';
import { chooseReports } from '../../report/run-reports.js';
import { findLandedDate, openWarehouse } from '../report/report-on.js';
import { assertReports, findReports } from '../transform/check-sql.js';

/** The options of `export`. */
interface ExportRequest {
  readonly pipeline: string;
  /** Reports, and tables as `schema.table`; none means every report of the pipeline. */
  readonly names: readonly string[];
  /** `YYYY-MM-DD`; null for the newest landed one. */
  readonly date: string | null;
  readonly format: ExportFormat;
  /** A folder, absolute or relative to the working directory; null for `exports/<date>` of the project. */
  readonly out: string | null;
  readonly withTokens: boolean;
}

interface ExportDocument {
  readonly date: string;
  readonly files: readonly ExportedFile[];
}

/** Writes reports and tables to files. @throws as `exportResults`, and E_UNKNOWN, E_LINEAGE, E_NOT_LANDED */
export async function exportOn(project: Project, request: ExportRequest): Promise<ExportDocument> {
  const { definition, reports } = await findReports(project, request.pipeline);
  const date = await findLandedDate(project, definition.pipeline, request.date);
  const { names } = request;
  const named = names.filter((name) => !isTableName(name));
  const isTablesOnly = names.length > 0 && named.length === 0;
  const shown = await assertReports(project, isTablesOnly ? [] : chooseReports(reports, named));
  const { config } = project;
  const files = await exportResults({
    openReader: (writeDir) => openWarehouse(project, writeDir),
    reports: shown,
    names,
    format: request.format,
    withTokens: request.withTokens,
    projectDir: config.projectDir,
    out: request.out,
    date,
    onFile: async (name, path) => {
      if (request.out !== null) await recordCopy(config.lakeDir, { kind: 'export', path, name, date });
    },
    forbidden: [
      { place: 'the lake', dir: config.lakeDir },
      { place: 'the warehouse folder', dir: dirname(config.databasePath) },
      { place: 'sql/', dir: config.sqlDir },
      { place: 'pipelines/', dir: config.pipelinesDir },
    ],
  });
  return { date, files };
}

/** The files of an export, one per line, with what is empty in them. */
export function formatExport({ date, files }: ExportDocument): string {
  const lines = files.map(({ path, rows, blanked }) => {
    const note = blanked === null ? null : describeBlanked(blanked);
    return `  ${scrub(path)}  ${countOf(rows, 'row')}${note === null ? '' : `\n    ${note}`}`;
  });
  return [`Exported, as of ${date}`, ...lines].join('\n');
}
