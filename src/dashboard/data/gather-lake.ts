import { dateOf, listDates } from '../../base/dates/calendar.js';
import { findIncomplete } from '../../base/dates/date-ranges.js';
import { findDefinition } from '../../project.js';
import type { LandedRow } from './gather-landed.js';
import type { LakeSnapshot } from './lake-snapshot.js';
import type { DayState, LakeDataset, LakeDay, LakeModel, PartitionLine } from './models.js';

const NOTES = { not_built: 'not_built', stale: 'changed', old_policy: 'old_policy' } as const;
/** A day's square shows the first of these states that applies. */
const ORDER: readonly DayState[] = ['changed', 'not_built', 'old_policy', 'incomplete', 'landed'];

/** The landed data of a pipeline, day by day, for one year; null means the newest year. @throws E_UNKNOWN, E_LAKE_DAMAGED */
export async function gatherLake(
  snapshot: LakeSnapshot,
  pipeline: string,
  requestedYear: string | null,
): Promise<LakeModel> {
  const { datasets } = findDefinition(snapshot.project, pipeline);
  const landed = (await snapshot.landed()).get(pipeline) ?? [];
  const years = [...new Set(landed.map(({ date }) => date.slice(0, 4)))].sort().reverse();
  const year = requestedYear ?? years[0] ?? null;
  const now = new Date((await snapshot.asOf()) ?? 0);
  const { horizons } = await snapshot.project.lake.listKept();
  const prunedBefore = new Map(horizons.map(({ dataset, before }) => [dataset, before]));
  const described = [...datasets.keys()].map((dataset) =>
    describe(
      dataset,
      landed.filter((row) => row.dataset === dataset),
      { year, now, prunedBefore: prunedBefore.get(dataset) ?? null },
    ),
  );
  const { build, fill, renew } = (await snapshot.status(pipeline)).commands;
  return {
    pipeline,
    year,
    years,
    datasets: described,
    advice: [build, fill, renew].filter((command) => command !== null),
  };
}

interface Range {
  readonly year: string | null;
  readonly now: Date;
  readonly prunedBefore: string | null;
}

function describe(
  dataset: string,
  rows: readonly LandedRow[],
  { year, now, prunedBefore }: Range,
): LakeDataset {
  const states = statesByDate(rows, now);
  const [first, last] = [prunedBefore ?? rows[0]?.date ?? null, laterOf(rows.at(-1)?.date, dateOf(now))];
  const all = first === null ? [] : listDates(first, last).map((date) => toDay(date, states));
  const sum = (key: 'rows' | 'bytes'): number => rows.reduce((total, row) => total + row[key], 0);
  const count = (state: DayState): number => all.filter((day) => day.state === state).length;
  return {
    dataset,
    partitions: rows.length,
    rows: sum('rows'),
    bytes: sum('bytes'),
    counts: {
      landed: count('landed'),
      incomplete: count('incomplete'),
      missing: count('missing'),
      changed: count('changed'),
      not_built: count('not_built'),
      old_policy: count('old_policy'),
    },
    prunedBefore,
    days: year === null ? [] : coverYear(year, new Map(all.map((day) => [day.date, day]))),
    lines: rows
      .filter(({ date }) => date.slice(0, 4) === year)
      .map((row) => describePartition(row))
      .reverse(),
  };
}

function statesByDate(rows: readonly LandedRow[], now: Date): ReadonlyMap<string, ReadonlySet<DayState>> {
  const states = new Map<string, Set<DayState>>();
  const add = (date: string, state: DayState): void => {
    states.set(date, (states.get(date) ?? new Set()).add(state));
  };
  for (const row of rows) for (const state of describePartition(row).states) add(row.date, state);
  for (const { date } of findIncomplete(rows, now)) add(date, 'incomplete');
  return states;
}

function toDay(date: string, states: ReadonlyMap<string, ReadonlySet<DayState>>): LakeDay {
  const own = states.get(date);
  return { date, state: own === undefined ? 'missing' : (ORDER.find((state) => own.has(state)) ?? 'landed') };
}

/** Every day of the year; days outside the covered range are marked `outside`. */
function coverYear(year: string, known: ReadonlyMap<string, LakeDay>): LakeDay[] {
  return listDates(`${year}-01-01`, `${year}-12-31`).map(
    (date) => known.get(date) ?? { date, state: 'outside' },
  );
}

function describePartition({
  date,
  slot,
  rows,
  rejected,
  bytes,
  source,
  landed_at,
  notes,
}: LandedRow): PartitionLine {
  const states: DayState[] = notes.length === 0 ? ['landed'] : notes.map((note) => NOTES[note]);
  return { date, slot, rows, rejected, bytes, source, landedAt: landed_at, states };
}

function laterOf(a: string | undefined, b: string): string {
  return a !== undefined && a > b ? a : b;
}
