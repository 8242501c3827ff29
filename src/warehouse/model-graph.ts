import { failure } from '../errors.js';
import type { BronzeDataset } from './landed-partition.js';
import type { Model } from './model.js';

/**
 * Models in an order in which each comes after what it reads; within that, by name, so that the order never changes.
 * @throws E_MODEL for a name met twice, a table that nothing makes, a cycle, or a view over bronze
 */
export function orderModels(models: readonly Model[], datasets: readonly BronzeDataset[]): Model[] {
  assertUnique(models, datasets);
  const byName = new Map([...models].sort(byModelName).map((model) => [model.name, model]));
  const bronze = new Set(datasets.map((dataset) => `bronze.${dataset.name}`));
  for (const model of byName.values()) assertReads(model, byName, bronze);
  const ordered = new Set<Model>();
  for (const model of byName.values()) place(model, byName, ordered, []);
  return [...ordered];
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

function assertReads(model: Model, byName: ReadonlyMap<string, Model>, bronze: ReadonlySet<string>): void {
  const unknown = model.reads.find((name) => !byName.has(name) && !bronze.has(name));
  if (unknown !== undefined) {
    const known = [...bronze, ...byName.keys()].sort().join(', ');
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
  if (model.materialization.isDated && !hasDates) {
    throw refuse(
      model,
      'nothing that it reads has dates',
      'say `-- materialize: table`, or read bronze or an incremental model',
    );
  }
}

function assertUnique(models: readonly Model[], datasets: readonly BronzeDataset[]): void {
  const homes = new Map(datasets.map((dataset) => [dataset.name, 'a dataset']));
  const published = new Map<string, string>();
  for (const model of models) {
    const home = homes.get(model.table);
    if (home !== undefined)
      throw refuse(model, `the name is taken by ${home}`, 'give the model another name');
    homes.set(model.table, model.file);
    if (model.publishedAs === null) continue;
    const other = published.get(model.publishedAs);
    if (other !== undefined) {
      throw refuse(model, `${other} publishes main.${model.publishedAs} too`, 'publish one of them');
    }
    published.set(model.publishedAs, model.file);
  }
}

function byModelName(a: Model, b: Model): number {
  return a.name < b.name ? -1 : 1;
}

function refuse(model: Model, problem: string, fix: string) {
  return failure('E_MODEL', { problem, fix }, { file: model.file, model: model.name, stage: 'transform' });
}
