import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, readRows, type Row } from '../../base/duckdb.js';
import type { Blanked } from '../../base/types/result.js';
import type { CellRules, ResultColumn, StatementOrigin } from '../../base/types/warehouse-reader.js';
import { statementError } from '../sql/assert-readable.js';
import { foldName } from '../sql/syntax-tree.js';
import { type CountedRow, planBlanks } from './plan-blanks.js';

/** The rows of a report in a temporary table of the reader, with columns `c0`, `c1` and so on in the order of the report. */
export interface CellTable {
  readonly name: string;
  readonly columns: readonly ResultColumn[];
}

/** A SELECT of the rows of which the small cells are null. */
export interface BlankedSelect {
  readonly sql: string;
  readonly blanked: Blanked;
}

/**
 * Hidden rows come last, in the order of what stays visible of them, so that their places say nothing. All numbers of such
 * a row are hidden, and what is made of an aggregate.
 * @throws E_MODEL if a column that the rules name is missing or is not a number
 */
export async function blankCells(
  connection: DuckDBConnection,
  { name, columns }: CellTable,
  rules: CellRules,
  origin: StatementOrigin,
): Promise<BlankedSelect> {
  const placeOf = (column: string): number => findNumber(columns, column, origin);
  const places = {
    people: placeOf(rules.people),
    counts: rules.counts.map(placeOf),
    totals: rules.totals.map(placeOf),
    labels: columns.flatMap((column, place) => (rules.labels.includes(foldName(column.name)) ? [place] : [])),
  };
  const hiddenPlaces = columns.flatMap(({ kind }, place) =>
    kind === 'number' || kind === 'nested' || !places.labels.includes(place) ? [place] : [],
  );
  const counted = [...new Set([places.people, ...places.counts, ...places.totals])];
  const list = [
    ...counted.map((place) => `c${place}::double as n${place}`),
    ...places.labels.map((place) => `c${place}::varchar as l${place}`),
  ];
  const rows = await readRows(connection, `select ${list.join(', ')} from ${name} order by rowid`);
  const isText = (place: number) => columns[place]?.kind !== 'number';
  const labels = listDimensions(rows, places.labels.filter(isText), places.labels);
  const hidden = planBlanks(
    rows.map((row) => readCounts(row, { ...places, labels })),
    rules.minCell,
  );
  return {
    sql: selectBlanked({ name, columns }, hiddenPlaces, hidden),
    blanked: {
      min_cell: rules.minCell,
      rows: hidden.size,
      cells: hidden.size * hiddenPlaces.length,
      columns: hiddenPlaces.map((place) => columns[place]?.name ?? ''),
    },
  };
}

function findNumber(columns: readonly ResultColumn[], name: string, origin: StatementOrigin): number {
  const place = columns.findIndex((column) => foldName(column.name) === name);
  if (columns[place]?.kind === 'number') return place;
  throw statementError(origin, `the column ${name}, which counts people, is not a number`);
}

/** The labels without the numbers that follow from the texts, such as the coordinates of a region. */
function listDimensions(rows: readonly Row[], texts: readonly number[], labels: readonly number[]): number[] {
  const keyOf = (row: Row, places: readonly number[]) =>
    JSON.stringify(places.map((place) => row[`l${place}`] ?? null));
  const keys = new Set(rows.map((row) => keyOf(row, texts)));
  const follows = (place: number) =>
    texts.length > 0 && new Set(rows.map((row) => keyOf(row, [...texts, place]))).size === keys.size;
  return labels.filter((place) => texts.includes(place) || !follows(place));
}

interface Places {
  readonly people: number;
  readonly counts: readonly number[];
  readonly totals: readonly number[];
  readonly labels: readonly number[];
}

function readCounts(row: Row, { people, counts, totals, labels }: Places): CountedRow {
  const count = (place: number): number | null => {
    const cell = row[`n${place}`];
    return typeof cell === 'number' ? cell : null;
  };
  return {
    people: count(people),
    counts: counts.map(count),
    totals: totals.map(count),
    labels: labels.map((place) => JSON.stringify(row[`l${place}`] ?? null)),
  };
}

function selectBlanked(
  { name, columns }: CellTable,
  hiddenPlaces: readonly number[],
  hidden: ReadonlySet<number>,
): string {
  const list = columns.map((column, place) => {
    const cell = hiddenPlaces.includes(place) ? `case when h.place is null then c${place} end` : `c${place}`;
    return `${cell} as ${quoteName(column.name)}`;
  });
  const visible = columns.flatMap((_, place) => (hiddenPlaces.includes(place) ? [] : [`c${place}`]));
  const order = [
    'h.place is not null',
    'case when h.place is null then t.rowid end',
    ...visible.map((column) => `${column} nulls last`),
  ];
  return `select ${list.join(', ')}
    from ${name} as t left join (select unnest([${[...hidden].join(', ')}]::bigint[]) as place) as h on t.rowid = h.place
    order by ${order.join(', ')}`;
}
