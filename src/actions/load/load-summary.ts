import type { Terminal } from '../../base/config/config.js';
import { formatTable } from '../../base/terminal/table.js';
import { countOf, formatCount } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import type { LeftOut } from './choose-tables.js';
import type { LoadDocument, LoadedTable } from './load-tables.js';

const WAYS: Readonly<Record<string, string>> = {
  copy: 'by COPY',
  extension: 'by DuckDB’s postgres extension',
  file: 'by replacing the file',
};

/** What was loaded, a line for each table, and what was not. */
export function formatLoad(document: LoadDocument, terminal: Terminal): string {
  const { target, place, way, rows, tables, left_out } = document;
  const head = `Loaded ${countOf(rows, 'row')} into ${target} (${scrub(place)}), ${WAYS[way] ?? way}`;
  const cells = tables.map((one) => [one.table, one.rows, describeDates(one), describeRest(one)]);
  const list = tables.length === 0 ? [] : [formatTable(['table', 'rows', 'loaded', ''], cells, terminal)];
  return [head, ...list, ...describeLeftOut(left_out)].join('\n');
}

function describeDates({ dates, rows, unchanged }: LoadedTable): string {
  if (dates === null) return unchanged > 0 && rows === 0 ? 'unchanged' : 'whole table';
  const [first] = dates;
  const last = dates.at(-1);
  if (first === undefined) return 'unchanged';
  return first === last ? first : `${first} … ${last ?? ''} (${countOf(dates.length, 'date')})`;
}

function describeRest({ dates, unchanged, removed, replaced_cells }: LoadedTable): string {
  return [
    ...(dates !== null && dates.length > 0 && unchanged > 0
      ? [`${countOf(unchanged, 'date')} unchanged`]
      : []),
    ...(removed > 0 ? [`${countOf(removed, 'date')} removed`] : []),
    ...(replaced_cells > 0 ? [`${formatCount(replaced_cells)} cells with U+0000 replaced`] : []),
  ].join(', ');
}

/** One line for each reason. */
function describeLeftOut(left: readonly LeftOut[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const { table, columns, reason } of left) {
    const names = columns.length === 0 ? [table] : columns.map((column) => `${table}.${column}`);
    reasons.set(reason, [...(reasons.get(reason) ?? []), ...names]);
  }
  return [...reasons].map(([reason, names]) => `Not loaded (${reason}): ${names.join(', ')}`);
}
