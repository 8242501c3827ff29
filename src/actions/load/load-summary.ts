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
/** Names of a reason that are listed; `--json` has all. */
const LISTED = 3;

/** What was loaded, a line for each table that has changed, and what was not. */
export function formatLoad(document: LoadDocument, terminal: Terminal): string {
  const { target, place, way, rows, tables, left_out } = document;
  const changed = tables.filter(({ dates, rows: own, removed }) => own + removed > 0 || isNew(dates));
  const same = tables.length - changed.length;
  const into = `${target} (${scrub(place)})`;
  const head =
    changed.length === 0
      ? `Nothing to load into ${into}.`
      : `Loaded ${countOf(rows, 'row')} into ${into}, ${WAYS[way] ?? way}`;
  const notes = changed.map(describeRest);
  const names = ['table', 'rows loaded', 'dates', ...(notes.some((note) => note !== '') ? ['also'] : [])];
  const cells = changed.map((one, index) =>
    [one.table, one.rows, describeDates(one), notes[index] ?? ''].slice(0, names.length),
  );
  return [
    head,
    ...(cells.length === 0 ? [] : [formatTable(names, cells, { ...terminal, grouped: true })]),
    ...(same === 0 ? [] : [`Unchanged: ${countOf(same, 'table')}`]),
    ...describeLeftOut(left_out),
  ].join('\n');
}

/** A date without rows was loaded, too: it is empty now. */
function isNew(dates: LoadedTable['dates']): boolean {
  return dates !== null && dates.length > 0;
}

function describeDates({ dates }: LoadedTable): string {
  if (dates === null) return 'whole table';
  const [first] = dates;
  const last = dates.at(-1);
  if (first === undefined) return 'none';
  return first === last ? first : `${first} … ${last ?? ''}, ${countOf(dates.length, 'date')}`;
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

/** One line for each reason, with the first names. */
function describeLeftOut(left: readonly LeftOut[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const { table, columns, reason } of left) {
    const names = columns.length === 0 ? [table] : columns.map((column) => `${table}.${column}`);
    reasons.set(reason, [...(reasons.get(reason) ?? []), ...names]);
  }
  return [...reasons].map(([reason, names]) => {
    const rest = names.length - LISTED;
    const more = rest > 0 ? ` and ${formatCount(rest)} more (--json lists all)` : '';
    return `Not loaded (${reason}): ${names.slice(0, LISTED).join(', ')}${more}`;
  });
}
