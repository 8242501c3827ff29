import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName } from '../../base/duckdb.js';
import type { LakeveilError } from '../../base/errors.js';
import type { ReleaseResult } from '../../base/types/release-result.js';
import { findStaleDates, isIn } from '../materializations/dated-builds.js';
import type { BuildPlan, BuildTarget } from '../materializations/materialization.js';
import { inRowOrder } from '../materializations/row-order.js';
import type { BronzeDataset } from '../landed-partition.js';
import type { Model } from '../models/model.js';
import type { Relation } from '../relation.js';
import { type Candidate, listCombinations, rankCandidates } from './choose-levels.js';
import {
  areCounted,
  type Frame,
  joinKept,
  type Levels,
  makeKept,
  makeRows,
  measureDate,
  numberValues,
} from './classes.js';
import { BEFORE, compareDates, compareVersions, findSamePlaces } from './compare-versions.js';
import { describeRelease, digestPeople, type ReleasePeople } from './describe-release.js';
import { describeBreach, describeDates, describeResult, findSmallChange } from './describe-result.js';
import type { Release } from '../../base/types/release.js';
import { ReleaseStore } from './release-store.js';

interface ReleaseBuild {
  readonly model: Model;
  readonly release: Release;
  readonly target: BuildTarget;
  readonly plan: BuildPlan;
  readonly relations: ReadonlyMap<string, Relation>;
  /** The datasets that its rows come from. */
  readonly datasets: readonly BronzeDataset[];
  /** The file that is being replaced is attached. */
  readonly hasBefore: boolean;
  /** Of people who are erased nothing may stay, so that a breach leaves rows out, however many, and stops nothing. */
  readonly isErasure: boolean;
}

/** What a release does to its table, and what was measured. */
export interface BuiltRelease {
  readonly plan: BuildPlan;
  readonly result: ReleaseResult;
  /** Why it must not be published; null where it may. */
  readonly error: LakeveilError | null;
}

/** The dates that are measured or written; null for all rows. */
type Dates = readonly string[] | null;

/**
 * Measures what each combination of levels makes of the new dates, chooses one for all dates, and plans the rows: of the new
 * dates, or of all where the levels have changed.
 */
export async function buildRelease(connection: DuckDBConnection, given: ReleaseBuild): Promise<BuiltRelease> {
  const { model, plan } = given;
  const people = describeRelease(model, given.release, given.relations);
  const release = { ...given.release, digest: digestPeople(given.release, people) };
  const build = { ...given, release };
  const store = new ReleaseStore(connection, release.name);
  const built = await store.readBuilt();
  if (plan.extent === 'skipped' && built?.digest === release.digest)
    return {
      plan,
      result: { ...built.result, built: 'skipped', dates: built.result.dates.slice(-1) },
      error: null,
    };
  const isWhole = release.date === null || people.isByPerson;
  const isNew = plan.extent === 'full' || built?.digest !== release.digest;
  const stale = isWhole ? null : listStale(build, isNew);
  await store.forget(isWhole || isNew ? null : [...(stale ?? []), ...listGone(build)]);
  const frame = await openFrame(connection, build, people, '_release', stale);
  await store.measure(frame, listCombinations(people.quasi, release.onBreach));
  const chosen = await choose(connection, build, people, { store, frame, stale });
  const isMoved = built !== null && String(built.levels) !== String(chosen.levels);
  const isAll = isWhole || isNew || isMoved;
  const dates = isAll ? null : stale;
  const shown =
    isAll && !isWhole && !isNew ? await openFrame(connection, build, people, '_release_all', null) : frame;
  await makeKept(connection, shown, chosen.levels);
  // Of classes that are too far from the whole table at each combination, none is kept.
  const isEmpty = build.isErasure && chosen.isFar;
  if (isEmpty) await connection.run(`delete from ${shown.prefix}_kept`);
  const after = { frame: shown, levels: chosen.levels };
  const changed = await compare(connection, build, people, after, dates);
  const measured = await describeDates(connection, after, { changed, isEmpty });
  const extent = isAll ? 'full' : 'incremental';
  const result = describeResult(
    { release, pipeline: model.pipeline, extent },
    people,
    isEmpty ? { ...chosen, suppressed: chosen.people } : chosen,
    measured,
  );
  const error = build.isErasure ? null : (chosen.error ?? findSmallChange(result, release));
  if (error !== null) return { plan, result: { ...result, outcome: 'failed' }, error };
  const replaced = new Set([null, ...(stale ?? []), ...listGone(build)]);
  const kept = isAll ? [] : built.result.dates.filter(({ date }) => !replaced.has(date));
  await store.recordBuilt(release.digest, chosen.levels, {
    ...result,
    dates: [...kept, ...measured]
      .sort((a, b) => ((a.date ?? '') < (b.date ?? '') ? -1 : 1))
      .slice(-SHOWN_DATES),
  });
  const steps = listSteps(build, shown, chosen.levels, { isAll, dates });
  return { plan: { ...plan, steps, extent }, result, error: null };
}

/** Of which a result keeps what was measured. */
const SHOWN_DATES = 400;

/** Dates whose rows are new; of a new release all. */
function listStale({ target, plan }: ReleaseBuild, isNew: boolean): string[] {
  const builds = isNew ? plan.builds : findStaleDates(target).stale;
  return builds.flatMap(({ date }) => date ?? []);
}

function listGone({ target }: ReleaseBuild): readonly string[] {
  return findStaleDates(target).gone;
}

async function openFrame(
  connection: DuckDBConnection,
  { release }: ReleaseBuild,
  people: ReleasePeople,
  prefix: string,
  dates: Dates,
  catalog: string | null = null,
): Promise<Frame> {
  const [schema = '', table = ''] = release.from.split('.');
  const from = `${catalog === null ? '' : `${catalog}.`}${schema}.${quoteName(table)}`;
  const date = people.isByPerson ? null : release.date;
  const relation =
    date === null || dates === null ? from : `(from ${from} where ${isIn(quoteName(date), dates)})`;
  const { sensitive, require } = release;
  const rows = { ...people, prefix, relation, date, rowDate: release.date, sensitive, require };
  const frame = { ...rows, isCounted: await areCounted(connection, rows) };
  await numberValues(connection, frame);
  await makeRows(connection, frame);
  return frame;
}

interface Measured {
  readonly store: ReleaseStore;
  readonly frame: Frame;
  /** Dates of the frame. */
  readonly stale: Dates;
}

/** A combination, and why it must not be published; null where it may. */
type Choice = Candidate & {
  readonly tried: number;
  readonly error: LakeveilError | null;
  /** Also what meets k and l is too far from the whole table. */
  readonly isFar: boolean;
};

/** The combination that loses least of those that meet the thresholds; of none, the one that suppresses least. */
async function choose(
  connection: DuckDBConnection,
  build: ReleaseBuild,
  people: ReleasePeople,
  measured: Measured,
): Promise<Choice> {
  const { release } = build;
  const sums = await measured.store.sum();
  const counted = listCombinations(people.quasi, release.onBreach).map((levels) => ({
    levels,
    ...(sums.get(JSON.stringify(levels)) ?? { people: 0, suppressed: 0 }),
  }));
  const { k } = release.require;
  const maxSuppressed = release.onBreach === 'fail' ? 0 : release.maxSuppressed;
  const ranked = rankCandidates(people.quasi, counted, { maxSuppressed, k });
  for (const one of ranked)
    if (
      release.require.t === null ||
      (await meetsT(connection, build, people, { ...measured, levels: one.levels }))
    )
      return { ...one, tried: counted.length, error: null, isFar: false };
  const [best] = rankCandidates(people.quasi, counted, { maxSuppressed: 1, k }).sort(
    (a, b) => a.suppressed - b.suppressed,
  );
  const isFar = ranked.length > 0;
  const error = describeBreach(release, counted, isFar);
  return { ...(best ?? NO_LEVELS), tried: counted.length, error, isFar };
}

const NO_LEVELS: Candidate = { levels: [], people: 0, suppressed: 0, loss: 0 };

/** Whether no class of those that are kept is further from its date than t allows. What is known is not measured again. */
async function meetsT(
  connection: DuckDBConnection,
  build: ReleaseBuild,
  people: ReleasePeople,
  { store, frame, stale, levels }: Measured & { readonly levels: Levels },
): Promise<boolean> {
  const known = await store.readT(levels);
  const missing = [...known].flatMap(([date, t]) => (t === null ? [date] : []));
  const isOld = (date: string | null) => date !== null && stale !== null && !stale.includes(date);
  const old = missing.flatMap((date) => (date !== null && isOld(date) ? [date] : []));
  const older = old.length === 0 ? null : await openFrame(connection, build, people, '_release_old', old);
  const all = [...known.values()].filter((t) => t !== null);
  for (const date of missing) {
    const own = older !== null && isOld(date) ? older : frame;
    const facts = await measureDate(connection, own, levels, { date, which: 'kept' });
    const t = Math.max(0, ...facts.map((one) => one.t ?? 0));
    await store.recordT(levels, date, t);
    all.push(t);
  }
  return all.every((t) => t <= (build.release.require.t ?? 1) + 1e-9);
}

/** Classes that changed by fewer than k people, by date; without a date where there is nothing to compare with. */
async function compare(
  connection: DuckDBConnection,
  build: ReleaseBuild,
  people: ReleasePeople,
  after: { readonly frame: Frame; readonly levels: Levels },
  stale: Dates,
): Promise<ReadonlyMap<string | null, number>> {
  const changed = new Map<string | null, number>();
  const add = (date: string | null, classes: number): void => {
    changed.set(date, (changed.get(date) ?? 0) + classes);
  };
  const isDated = after.frame.date !== null;
  const isSnapshot = build.datasets.every(({ time }) => time === 'snapshot' || time === 'latest');
  if (isDated && isSnapshot)
    for (const [date, classes] of await compareNeighbours(connection, build, people, after.levels, stale))
      add(date, classes);
  const store = new ReleaseStore(connection, build.release.name);
  const built = build.hasBefore ? await store.readBuilt(BEFORE) : null;
  if (built?.digest !== build.release.digest) return changed;
  const { same, isWhole } = await findSamePlaces(connection, build.datasets);
  const dates = stale === null ? same : same.filter((date) => stale.includes(date));
  // What lands beside the rest changes classes of all rows by nature; a snapshot replaces the one before.
  if (isDated ? dates.length === 0 : !isWhole && !isSnapshot) return changed;
  const frame = await openFrame(connection, build, people, '_release_before', isDated ? dates : null, BEFORE);
  await makeKept(connection, frame, built.levels);
  const found = await compareVersions(connection, { frame, levels: built.levels }, after);
  for (const date of isDated ? dates : [null]) add(date, found.get(date) ?? 0);
  return changed;
}

/** The new dates of a snapshot beside the dates before and after them. */
async function compareNeighbours(
  connection: DuckDBConnection,
  build: ReleaseBuild,
  people: ReleasePeople,
  levels: Levels,
  stale: Dates,
): Promise<ReadonlyMap<string | null, number>> {
  const all = build.plan.builds.flatMap(({ date }) => date ?? []).sort();
  const isNew = (date: string | undefined): boolean => date !== undefined && (stale?.includes(date) ?? true);
  const dates = all.filter((date, index) => [all[index - 1], date, all[index + 1]].some(isNew));
  const frame = await openFrame(connection, build, people, '_release_pairs', dates);
  await makeKept(connection, frame, levels);
  const found = await compareDates(connection, { frame, levels });
  const isPair = (date: string | null): boolean =>
    isNew(date ?? '') || isNew(all[all.indexOf(date ?? '') - 1]);
  return new Map([...found].filter(([date]) => isPair(date)));
}

/** The statements that write the rows. */
function listSteps(
  { release, target }: ReleaseBuild,
  frame: Frame,
  levels: Levels,
  { isAll, dates }: { readonly isAll: boolean; readonly dates: Dates },
): BuildPlan['steps'] {
  const { relation } = target;
  const columns = release.columns.map((column) => {
    const index = frame.quasi.findIndex((ladder) => ladder.column === column);
    const name = quoteName(column);
    return release.steps.has(column) && index >= 0
      ? `q${index}.t${levels[index] ?? 0} as ${name}`
      : `f.${name} as ${name}`;
  });
  const rows = `select ${columns.join(', ')} from ${joinKept(frame, levels)}`;
  const select = inRowOrder(rows, target);
  if (isAll) return [`drop table if exists ${relation}`, `create table ${relation} as ${select}`];
  const column = quoteName(release.date ?? '');
  const { gone } = findStaleDates(target);
  return [
    `delete from ${relation} where ${isIn(column, [...(dates ?? []), ...gone])}`,
    `insert into ${relation} ${select}`,
  ];
}
