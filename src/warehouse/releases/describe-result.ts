import type { DuckDBConnection } from '@duckdb/node-api';
import { failure, type LakeveilError } from '../../base/errors.js';
import type { ReleaseDate, ReleaseFacts, ReleaseResult } from '../../base/types/release-result.js';
import { type Candidate, shareOf } from './choose-levels.js';
import { countSuppressed, type Levels, measureDate, RAW, readFacts, showsValues } from './classes.js';
import type { Version } from './compare-versions.js';
import type { ReleasePeople } from './describe-release.js';
import type { Release } from '../../base/types/release.js';

/** What each date was, and what is released of it: nothing where it is empty. */
export async function describeDates(
  connection: DuckDBConnection,
  { frame, levels }: Version,
  { changed, isEmpty }: { readonly changed: ReadonlyMap<string | null, number>; readonly isEmpty: boolean },
): Promise<ReleaseDate[]> {
  const raw = frame.quasi.map(() => RAW);
  const [before, after] = [
    await readFacts(connection, frame, raw, 'all'),
    await readFacts(connection, frame, levels, 'kept'),
  ];
  const dates: ReleaseDate[] = [];
  for (const { date, people, suppressed } of await countSuppressed(connection, frame, levels)) {
    const sensitive = async (at: Levels, which: 'all' | 'kept') => ({
      sensitive: await measureDate(connection, frame, at, { date, which }),
    });
    dates.push({
      date,
      people,
      suppressed: isEmpty ? people : suppressed,
      before: { ...(before.get(date) ?? NO_CLASS), ...(await sensitive(raw, 'all')) },
      after: isEmpty
        ? { ...NO_CLASS, sensitive: [] }
        : { ...(after.get(date) ?? NO_CLASS), ...(await sensitive(levels, 'kept')) },
      changed_classes: changed.get(date) ?? null,
    });
  }
  return dates;
}

const NO_CLASS = { classes: 0, k: null, unique_people: 0, sizes: [] } satisfies Omit<
  ReleaseFacts,
  'sensitive'
>;

interface Described {
  readonly release: Release;
  readonly pipeline: string;
  readonly extent: ReleaseResult['built'];
}

export function describeResult(
  { release, pipeline, extent }: Described,
  { person, quasi, isByPerson }: ReleasePeople,
  chosen: Candidate & { readonly tried: number },
  dates: readonly ReleaseDate[],
): ReleaseResult {
  const isCoarser = chosen.levels.some((level) => level > 0);
  return {
    release: release.name,
    pipeline,
    from: release.from,
    date_column: isByPerson ? null : release.date,
    rows: 0,
    counts: person === null ? 'rows' : 'people',
    require: release.require,
    on_breach: release.onBreach,
    built: extent,
    outcome: isCoarser ? 'generalized' : chosen.suppressed > 0 ? 'suppressed' : 'met',
    quasi: quasi.map(({ column }) => column),
    sensitive: [...release.sensitive],
    tried: chosen.tried,
    levels: quasi.flatMap((ladder, index) => {
      const level = chosen.levels[index] ?? 0;
      const height = ladder.levels.length - 1;
      const label = ladder.levels[level]?.label ?? '';
      const isAsIs = level === 0 && showsValues(ladder);
      return ladder.table.length + height === 0 && isAsIs
        ? []
        : [{ column: ladder.column, level, height, label, as_is: isAsIs }];
    }),
    loss: chosen.loss,
    people: chosen.people,
    suppressed: chosen.suppressed,
    dates: [...dates],
  };
}

/** Why a release that must not change by a few people may not be published; null where it may. */
export function findSmallChange({ dates }: ReleaseResult, release: Release): LakeveilError | null {
  const found = dates.find(({ changed_classes: classes }) => (classes ?? 0) > 0);
  if (release.onBreach !== 'fail' || found === undefined) return null;
  const when = found.date === null ? '' : ` on ${found.date}`;
  const what = `${found.changed_classes ?? 0} classes${when} hold up to ${release.require.k - 1} people more or fewer than in the version before, so that who has both can single them out`;
  const fix =
    'release the table under another name, or write `on_breach: generalize` to report such classes and publish';
  return failure(
    'E_RELEASE',
    { release: release.name, what, fix },
    { model: release.name, stage: 'transform' },
  );
}

/** What can be done about a release that does not meet its thresholds. */
export function describeBreach(
  release: Release,
  counted: readonly Omit<Candidate, 'loss'>[],
  isFar: boolean,
): LakeveilError {
  const { k, l } = release.require;
  const least = Math.min(...counted.map(shareOf));
  const percent = `${(Math.ceil(least * 1_000) / 10).toFixed(1)} %`;
  const small = l === null ? `fewer than ${k} people` : `fewer than ${k} people or ${l} sensitive values`;
  const what = isFar
    ? `a class is further from the whole table than t = ${release.require.t ?? 0} allows, at each combination of levels`
    : `${percent} of people are in classes of ${small}${counted.length === 1 ? '' : `, at the best of ${counted.length} combinations of levels`}`;
  const fix = {
    generalize: 'give its ladders coarser steps, release fewer columns, or raise `max_suppressed`',
    suppress: 'write `on_breach: generalize` with ladders, release fewer columns, or raise `max_suppressed`',
    fail: 'write `on_breach: generalize` with ladders, or release fewer columns',
  }[release.onBreach];
  const where = { model: release.name, stage: 'transform' };
  return failure('E_RELEASE', { release: release.name, what, fix }, where);
}
