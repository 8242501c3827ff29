import { checkKey, type MasterKey } from '../anonymize/keys.js';
import { hashRecipe, makeMarker } from '../anonymize/lookup.js';
import type { Config } from '../base/config/config.js';
import { findFormerKey } from '../base/config/key.js';
import { dateOf } from '../base/dates/calendar.js';
import { failure, type LakeveilError } from '../base/errors.js';
import type { DatasetDefinition, LandingColumn } from '../base/types/definition.js';
import type { MarkGroup, Tombstone } from '../base/types/erasure.js';
import { readTombstones } from '../lake/forgotten-file.js';
import type { ForgottenColumn } from '../lake/forgotten-rows.js';

/** The people who were erased from datasets, as an ingest of these recognizes them. */
export interface Forgotten {
  /** Columns of tokens that land under the current key, or are adopted under any. */
  readonly columnsOf: (dataset: string) => readonly ForgottenColumn[];
  /** Columns of people who are known by an earlier key alone: their tokens are computed for each page. */
  readonly formerOf: (dataset: string) => readonly FormerColumn[];
  /** Erasures of these datasets, so that a commit can tell whether there are new ones. */
  readonly erasures: readonly string[];
}

/** A landed column, and the key under which its tokens are compared. */
export interface FormerColumn {
  readonly key: MasterKey;
  readonly landing: LandingColumn;
  readonly isForgotten: (token: string) => boolean;
}

/**
 * Reads the tombstones of datasets. Without any, it costs one look at a folder.
 * @param key the key that masks; null if there is none
 * @param now tombstones that have expired are ignored
 * @throws E_USAGE where erased people could not be recognized and would land again
 */
export async function readForgotten(
  config: Config,
  datasets: readonly DatasetDefinition[],
  key: MasterKey | null,
  now: Date,
): Promise<Forgotten> {
  const names = new Set(datasets.map(({ name }) => name));
  const tombstones = await listActive(config.lakeDir, names, now);
  const columns = new Map<string, ForgottenColumn[]>();
  const former = new Map<string, FormerColumn[]>();
  for (const dataset of tombstones.length === 0 ? [] : datasets) {
    const own = tombstones.filter((tombstone) => tombstone.dataset === dataset.name);
    const tests = await describeTests(config, dataset, own, key);
    columns.set(dataset.name, joinTests(tests));
    former.set(
      dataset.name,
      tests.filter(({ isFormer }) => isFormer),
    );
  }
  return {
    columnsOf: (dataset) => columns.get(dataset) ?? [],
    formerOf: (dataset) => former.get(dataset) ?? [],
    erasures: tombstones.map(({ erasure }) => erasure),
  };
}

async function listActive(root: string, datasets: ReadonlySet<string>, now: Date): Promise<Tombstone[]> {
  const today = dateOf(now);
  return (await readTombstones(root)).filter(
    ({ dataset, expires_on }) => datasets.has(dataset) && (expires_on === null || today < expires_on),
  );
}

/**
 * Compares the erasures that an ingest knew with those that the lake has now. The caller holds the lake's lock.
 * @throws E_FORGOTTEN if people were erased meanwhile: they would land again
 */
export async function assertNoneForgotten(
  root: string,
  { erasures }: Forgotten,
  datasets: readonly string[],
  now: Date,
): Promise<void> {
  const known = new Set(erasures);
  const added = (await listActive(root, new Set(datasets), now)).find(({ erasure }) => !known.has(erasure));
  if (added !== undefined)
    throw failure('E_FORGOTTEN', { dataset: added.dataset }, { dataset: added.dataset });
}

interface Test extends FormerColumn {
  /** The current key has no mark of these people. */
  readonly isFormer: boolean;
}

/** A test for each group of marks whose key is at hand. */
async function describeTests(
  config: Config,
  dataset: DatasetDefinition,
  tombstones: readonly Tombstone[],
  key: MasterKey | null,
): Promise<Test[]> {
  const tests: Test[] = [];
  for (const { groups, by } of tombstones) {
    const isCurrent = groups.some((group) => group.column === by && isOf(key, group));
    let isKnown = isCurrent;
    for (const group of groups) {
      const own = isOf(key, group) ? key : await findFormerKey(config, group.key_id);
      if (own === null || !isOf(own, group)) continue;
      isKnown ||= group.column === by;
      const landing = findLanding(dataset, group, by);
      const [markOf, marks] = [makeMarker(own, dataset.name, group.column), new Set(group.marks)];
      const start = `${own.id}_`;
      const isForgotten = (token: string): boolean => token.startsWith(start) && marks.has(markOf(token));
      tests.push({ key: own, landing, isForgotten, isFormer: !isCurrent });
    }
    if (!isKnown) throw refuseKey(dataset.name, by, groups);
  }
  return tests;
}

function isOf(key: MasterKey | null, { key_id, key_check }: MarkGroup): boolean {
  return key?.id === key_id && checkKey(key) === key_check;
}

/** One test for each column. */
function joinTests(tests: readonly Test[]): ForgottenColumn[] {
  const names = [...new Set(tests.map(({ landing }) => landing.name))];
  return names.map((name) => {
    const own = tests.filter(({ landing }) => landing.name === name);
    return { name, isForgotten: (token) => own.some((test) => test.isForgotten(token)) };
  });
}

function refuseKey(dataset: string, by: string, groups: readonly MarkGroup[]): LakeveilError {
  const ids = [...new Set(groups.map(({ key_id }) => key_id))].sort().join(', ');
  const what = `people were erased from ${dataset} under key id ${ids}, and this key cannot recognize them: they would land again`;
  const hint = `erase the same people under this key too: \`pipeline forget --dataset ${dataset} --by ${by}\`, or put the key of that id into keys/ (docs/erasure.md)`;
  return failure('E_USAGE', { what, hint }, { dataset });
}

/** With another recipe, erased people have other tokens. @throws E_USAGE */
function findLanding(
  dataset: DatasetDefinition,
  { column, recipe_sha256 }: MarkGroup,
  by: string,
): LandingColumn {
  const landing = dataset.landing.find(({ name }) => name === column);
  if (landing !== undefined && hashRecipe(landing) === recipe_sha256) return landing;
  const what = `people were erased from ${dataset.name} by tokens of ${column}, which the definition no longer makes in the same way: they would land again`;
  const hint = `restore the column, or erase the same people again with \`pipeline forget --dataset ${dataset.name} --by ${by}\``;
  throw failure('E_USAGE', { what, hint }, { dataset: dataset.name });
}
