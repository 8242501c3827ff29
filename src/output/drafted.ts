import type { Terminal } from '../config.js';
import type { DraftDocument } from '../operations/draft-definition.js';
import { countOf } from './count.js';
import { formatTable } from './table.js';

/** What was decided field by field, what is open, and what to type next. */
export function formatDrafted(document: DraftDocument, terminal: Terminal): string {
  const { pipeline, file, records, fields, questions, raw } = document;
  return [
    `${file} was drafted from ${countOf(records, 'record')}.`,
    '',
    formatFields(fields, terminal),
    '',
    `Questions in its comments: ${String(questions)}. It loads as it is, with the strictest choices. Next:`,
    '',
    `  pipeline explain ${pipeline}`,
    `  pipeline ingest ${pipeline} --limit-pages 1    # tries the source, lands nothing`,
    `  pipeline run ${pipeline}`,
    ...(raw === null ? [] : ['', `${raw} holds raw values: delete it as soon as nothing reads it.`]),
  ].join('\n');
}

function formatFields(fields: DraftDocument['fields'], terminal: Terminal): string {
  const rows = fields.map(({ path, class: pii, treatment, unsure }) => [
    path,
    pii,
    treatment ?? 'dropped',
    unsure ? '?' : '',
  ]);
  return formatTable(['field', 'class', 'treatment', 'unsure'], rows, terminal);
}
