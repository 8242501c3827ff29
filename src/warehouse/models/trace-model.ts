import { createHash } from 'node:crypto';
import type { Model } from './model.js';

/** What a model's rows are made of, as far as the rows of each date are made of that date alone. */
export interface Trace {
  /** Names of datasets, in order: its own, and those of models that hold no more than their inputs do. */
  readonly datasets: readonly string[];
  /** Models between it and its datasets whose rows belong to dates, each after what it reads. */
  readonly dated: readonly Model[];
  /** The first thing that it reads whose rows do not belong to dates; null if there is none. */
  readonly undated: string | null;
  /** Of the SQL of the model and of `dated`, comments and blanks aside. */
  readonly sqlSha256: string;
}

/** True for a table that isStateful: its rows stay true when the raw rows are gone that they came from. */
export function isStateful({ materialization }: Pick<Model, 'materialization'>): boolean {
  return materialization.followsDates && !materialization.isDated;
}

/** Follows a model down to its datasets; what isStateful by itself is where the way ends. Pure. */
export function traceModel(model: Model, ordered: readonly Model[]): Trace {
  const byName = new Map(ordered.map((other) => [other.name, other]));
  const datasets = new Set<string>();
  const dated = new Set<Model>();
  const undated: string[] = [];
  const visit = (of: Model): void => {
    for (const name of of.reads) {
      const read = byName.get(name);
      if (read === undefined) datasets.add(name.replace(/^bronze\./, ''));
      else if (read.materialization.isDated) dated.add(read);
      else undated.push(name);
      if (read !== undefined && !isStateful(read)) visit(read);
    }
  };
  visit(model);
  const way = ordered.filter((other) => dated.has(other));
  return {
    datasets: [...datasets].sort(),
    dated: way,
    undated: undated[0] ?? null,
    sqlSha256: digestSql([...way, model]),
  };
}

/** Models that lose the rows of dates that go from these datasets: all that read them and do not remember. */
export function listForgetful(datasets: ReadonlySet<string>, ordered: readonly Model[]): Model[] {
  const losing = new Set([...datasets].map((name) => `bronze.${name}`));
  return ordered.filter((model) => {
    const isLosing = !isStateful(model) && model.reads.some((name) => losing.has(name));
    if (isLosing) losing.add(model.name);
    return isLosing;
  });
}

/** The text, not DuckDB's tree of it, which another version may write in another way. */
function digestSql(models: readonly Model[]): string {
  const texts = models.map(({ name, materialize, planner, sql }) => [
    ...[name, materialize, planner.closesDeletes],
    stripSql(sql),
  ]);
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}

/** Quoted parts stay; each stretch of comments and blanks outside of them is one blank. */
function stripSql(sql: string): string {
  const parts = /('(?:[^']|'')*'|"(?:[^"]|"")*")|(?:--[^\n]*|\/\*[\s\S]*?\*\/|\s)+/g;
  return sql.replace(parts, (_, quoted: string | undefined) => quoted ?? ' ').trim();
}
