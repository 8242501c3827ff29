import type { ExportDocument } from '../operations/export-on.js';
import { countOf } from './count.js';
import { scrub } from './scrub.js';

/** The files of an export, one a line. */
export function formatExport({ date, files }: ExportDocument): string {
  const lines = files.map(({ path, rows }) => `  ${scrub(path)}  ${countOf(rows, 'row')}`);
  return [`Exported, as of ${date}`, ...lines].join('\n');
}
