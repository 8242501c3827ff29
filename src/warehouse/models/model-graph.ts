import { failure } from '../../base/errors.js';
import type { BronzeDataset } from '../landed-partition.js';
import type { Model } from './model.js';

/**
 * Models in an order in which each comes after what it reads; within that, by name, so that the order never changes.
 * @throws E_MODEL for a table that nothing makes, a cycle, or a view over bronze
 */
export function orderModels(models: readonly Model[], datasets: readonly BronzeDataset[]): Model[] {
  const byName = new Map([...models].sort(byModelName).map((model) => [model.name, model]));
  const bronze = new Map(datasets.map((dataset) => [`bronze.${dataset.name}`, dataset]));
  for (const model of byName.values()) assertReads(model, byName, bronze);
  const ordered = new Set<Model>();
  for (const model of byName.values()) place(model, byName, ordered, []);
  return [...ordered];
}

/** The models that read one, or read what reads it, in their order. */
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
    throw refuse(model, `models read each other in a circle: ${cycle}`, 'take one of these reads out');
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
    throw refuse(model, `there is no table ${unknown.replace(/^\./, '')}`, `read one of: ${known}`);
  }
  // Bronze reads the lake's files; what is published must be readable from anywhere, and without the raw zone.
  if (model.materialization.isView && model.reads.some((name) => bronze.has(name))) {
    throw refuse(
      model,
      'a view may not read bronze',
      'say `-- materialize: table` or `incremental by COLUMN`',
    );
  }
  const hasDates = model.reads.some(
    (name) => bronze.has(name) || byName.get(name)?.materialization.isDated === true,
  );
  if (model.materialization.followsDates && !hasDates) {
    throw refuse(
      model,
      'nothing that it reads has dates',
      'say `-- materialize: table`, or read bronze or an incremental model',
    );
  }
  if (model.planner.closesDeletes) assertSnapshot(model, bronze);
}

/** That a key is gone can be told only where each date has every key that there is. */
function assertSnapshot(model: Model, bronze: ReadonlyMap<string, BronzeDataset>): void {
  const read = model.reads.flatMap((name) => bronze.get(name) ?? []);
  if (read.length === 1 && read[0]?.time === 'snapshot') return;
  throw refuse(
    model,
    '`deletes: close` is for a model that reads one dataset of bronze, and that a snapshot',
    'take `-- deletes: close` out, or read the bronze of a snapshot alone',
  );
}

function byModelName(a: Model, b: Model): number {
  return a.name < b.name ? -1 : 1;
}

function refuse(model: Model, problem: string, fix: string) {
  return failure('E_MODEL', { problem, fix }, { file: model.file, model: model.name, stage: 'transform' });
}
