import { failure, tryEach } from '../../base/errors.js';
import { DELETED } from '../../base/names.js';
import type { BronzeDataset } from '../landed-partition.js';
import { findSnapshot } from './find-snapshot.js';
import type { Model } from './model.js';

/**
 * Sorts models so that each follows the models it reads, then by name, so that the order is deterministic.
 * @throws E_MODEL for an unknown table, a cycle, or a view over bronze
 */
export async function orderModels(
  models: readonly Model[],
  datasets: readonly BronzeDataset[],
): Promise<Model[]> {
  const bronze = new Map(datasets.map((dataset) => [`bronze.${dataset.name}`, dataset]));
  const byName = new Map(
    [...models].sort(byModelName).map((model) => [model.name, withDeleted(model, bronze)]),
  );
  await tryEach(byName.values(), (model) => {
    assertReads(model, byName, bronze);
  });
  const ordered = new Set<Model>();
  for (const model of byName.values()) place(model, byName, ordered, []);
  return [...ordered];
}

/** The models that depend on a model, directly or indirectly, in order. */
export function listDependents(model: Model, ordered: readonly Model[]): Model[] {
  const names = new Set([model.name]);
  return ordered.filter((other) => {
    const isDependent = other !== model && other.reads.some((name) => names.has(name));
    if (isDependent) names.add(other.name);
    return isDependent;
  });
}

function place(
  model: Model,
  byName: ReadonlyMap<string, Model>,
  ordered: Set<Model>,
  way: readonly Model[],
): void {
  if (ordered.has(model)) return;
  if (way.includes(model)) {
    const cycle = [...way.slice(way.indexOf(model)), model].map(({ name }) => name).join(' → ');
    throw modelError(model, `models form a cycle: ${cycle}`, 'remove one of these references');
  }
  for (const name of model.reads) {
    const read = byName.get(name);
    if (read !== undefined) place(read, byName, ordered, [...way, model]);
  }
  ordered.add(model);
}

function assertReads(
  model: Model,
  byName: ReadonlyMap<string, Model>,
  bronze: ReadonlyMap<string, BronzeDataset>,
): void {
  const unknown = model.reads.find((name) => !byName.has(name) && !bronze.has(name));
  if (unknown !== undefined) {
    const known = [...bronze.keys(), ...byName.keys()].sort().join(', ');
    throw modelError(model, `there is no table ${unknown.replace(/^\./, '')}`, `read one of: ${known}`);
  }
  // Bronze reads the lake's files; published views must be readable without the raw zone.
  if (model.materialization.isView && model.reads.some((name) => bronze.has(name))) {
    throw modelError(
      model,
      'a view cannot read bronze',
      'use `-- materialize: table` or `incremental by COLUMN`',
    );
  }
  const hasDates = model.reads.some(
    (name) => isDatedBronze(bronze.get(name)) || byName.get(name)?.materialization.isDated === true,
  );
  if (model.materialization.followsDates && !hasDates) {
    throw modelError(
      model,
      'none of its inputs has dates',
      'use `-- materialize: table`, or read bronze or an incremental model',
    );
  }
  if (model.planner.closesDeletes) assertSnapshot(model, bronze);
  assertDeletes(model, byName, bronze);
}

/** The newest date of a snapshot becomes another one with each run. */
function isDatedBronze(dataset: BronzeDataset | undefined): boolean {
  return dataset !== undefined && dataset.time !== 'latest';
}

/** What a later snapshot lacks was deleted, and only the author knows whether the table keeps it. */
function assertDeletes(
  model: Model,
  byName: ReadonlyMap<string, Model>,
  bronze: ReadonlyMap<string, BronzeDataset>,
): void {
  if (model.deletes !== null || !model.materialization.keys.includes('deletes')) return;
  const [snapshot] = model.reads.flatMap((name) =>
    findSnapshot(name, [...byName.values()], [...bronze.values()]),
  );
  if (snapshot === undefined) return;
  throw modelError(
    model,
    `it reads the snapshot ${snapshot.dataset}, and does not say what becomes of rows that a later snapshot lacks`,
    'write `-- deletes: close`, so that they leave the table or their period ends, or `-- deletes: keep`',
    model.line,
  );
}

/** The latest version of a record may say that it was deleted, so that a model of such a dataset must return that. */
function withDeleted(model: Model, bronze: ReadonlyMap<string, BronzeDataset>): Model {
  const hasDeleted = model.reads.some((name) =>
    bronze.get(name)?.columns.some((column) => column.name === DELETED),
  );
  if (!hasDeleted || !model.materialization.removesDeleted) return model;
  return { ...model, planner: { ...model.planner, needs: [...model.planner.needs, DELETED] } };
}

/** A deleted key can be detected only if each date holds all keys. */
function assertSnapshot(model: Model, bronze: ReadonlyMap<string, BronzeDataset>): void {
  const read = model.reads.flatMap((name) => bronze.get(name) ?? []);
  if (read.length === 1 && read[0]?.time === 'snapshot') return;
  throw modelError(
    model,
    '`deletes: close` requires a model that reads only one bronze dataset, which is a snapshot',
    'remove `-- deletes: close`, or read only the bronze of a snapshot',
  );
}

function byModelName(a: Model, b: Model): number {
  return a.name < b.name ? -1 : 1;
}

function modelError({ file, name }: Model, problem: string, fix: string, line?: number) {
  const at = line === undefined ? {} : { line };
  return failure('E_MODEL', { problem, fix }, { file, ...at, model: name, stage: 'transform' });
}
