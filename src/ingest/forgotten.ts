import { checkKey, type MasterKey } from '../anonymize/keys.js';
import { hashRecipe, makeMarker } from '../anonymize/lookup.js';
import { dateOf } from '../base/dates/calendar.js';
import { failure, type LakeveilError } from '../base/errors.js';
import type { DatasetDefinition } from '../base/types/definition.js';
import type { MarkGroup, Tombstone } from '../base/types/erasure.js';
import { readTombstones } from '../lake/forgotten-file.js';
import type { ForgottenColumn } from '../lake/forgotten-rows.js';

/** The people who were erased from datasets, as an ingest of these recognizes them. */
export interface Forgotten {
  readonly columnsOf: (dataset: string) => readonly ForgottenColumn[];
  /** Erasures of these datasets, so that a commit can tell whether there are new ones. */
  readonly erasures: readonly string[];
}

/**
 * Reads the tombstones of datasets. Without any, it costs one look at a folder.
 * @param now tombstones that have expired are ignored
 * @throws E_USAGE where erased people could not be recognized and would land again
 */
export async function readForgotten(
  root: string,
  datasets: readonly DatasetDefinition[],
  key: MasterKey | null,
  now: Date,
): Promise<Forgotten> {
  const names = new Set(datasets.map(({ name }) => name));
  const tombstones = await listActive(root, names, now);
  const columns = new Map(
    datasets.flatMap((dataset): [string, ForgottenColumn[]][] => {
      const own = tombstones.filter((tombstone) => tombstone.dataset === dataset.name);
      return own.length === 0 ? [] : [[dataset.name, describeColumns(dataset, own, key)]];
    }),
  );
  return {
    columnsOf: (dataset) => columns.get(dataset) ?? [],
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

function describeColumns(
  dataset: DatasetDefinition,
  tombstones: readonly Tombstone[],
  key: MasterKey | null,
): ForgottenColumn[] {
  const check = key === null ? null : checkKey(key);
  const marks = new Map<string, Set<string>>();
  for (const { groups, by } of tombstones) {
    const own = groups.filter(({ key_id, key_check }) => key_id === key?.id && key_check === check);
    if (key === null || !own.some(({ column }) => column === by)) throw refuseKey(dataset.name, by, groups);
    for (const group of own) {
      assertRecipe(dataset, group, by);
      const known = marks.get(group.column) ?? new Set();
      for (const mark of group.marks) known.add(mark);
      marks.set(group.column, known);
    }
  }
  if (key === null) return [];
  return [...marks].map(([name, known]) => {
    const markOf = makeMarker(key, dataset.name, name);
    return { name, isForgotten: (token) => known.has(markOf(token)) };
  });
}

function refuseKey(dataset: string, by: string, groups: readonly MarkGroup[]): LakeveilError {
  const ids = [...new Set(groups.map(({ key_id }) => key_id))].sort().join(', ');
  const what = `people were erased from ${dataset} under key id ${ids}, and this key cannot recognize them: they would land again`;
  const hint = `erase the same people under this key too: \`pipeline forget --dataset ${dataset} --by ${by}\`, or set the key of that id`;
  return failure('E_USAGE', { what, hint }, { dataset });
}

/** With another recipe, erased people have other tokens. */
function assertRecipe(dataset: DatasetDefinition, { column, recipe_sha256 }: MarkGroup, by: string): void {
  const landing = dataset.landing.find(({ name }) => name === column);
  if (landing !== undefined && hashRecipe(landing) === recipe_sha256) return;
  const what = `people were erased from ${dataset.name} by tokens of ${column}, which the definition no longer makes in the same way: they would land again`;
  const hint = `restore the column, or erase the same people again with \`pipeline forget --dataset ${dataset.name} --by ${by}\``;
  throw failure('E_USAGE', { what, hint }, { dataset: dataset.name });
}
