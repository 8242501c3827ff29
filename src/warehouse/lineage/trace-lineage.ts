import { ROW_COLUMNS } from '../file/bronze-view.js';
import type { BronzeDataset } from '../landed-partition.js';
import type { Model } from '../models/model.js';
import { type ColumnLineage, type LandedSource, type ModelLineage, strictestOf } from './model-lineage.js';
import { type Column, findColumn, openRelation, type Relation, sourcesOfMadeNames } from './relation.js';
import { NOTHING, type Sources, uniteSources } from './sources.js';
import { traceSelect } from './trace-select.js';

/** What has been traced so far: tables by qualified name, and what their columns go back to, by `table.column`. */
interface Traced {
  readonly tables: Map<string, Relation>;
  readonly origins: Map<string, Origin>;
  readonly indirect: Map<string, readonly LandedSource[]>;
}

interface Origin {
  readonly landed: readonly LandedSource[];
  readonly unknown: readonly string[];
}

/** What must be known of a SELECT to trace it. */
export type Traceable = Pick<
  Model,
  'name' | 'pipeline' | 'statement' | 'reads' | 'exposes' | 'planner' | 'publishedAs'
>;

/**
 * Each column of each model, back to what has landed. Pure.
 * @param models each after what it reads
 * @param ownTables tables that are filled with nothing that has landed, by qualified name
 */
export function traceLineage(
  models: readonly Traceable[],
  datasets: readonly BronzeDataset[],
  ownTables: readonly string[] = [],
): ModelLineage[] {
  const traced: Traced = { tables: new Map(), origins: new Map(), indirect: new Map() };
  for (const table of ownTables) traced.tables.set(table, openRelation(NOTHING));
  for (const dataset of datasets) addDataset(dataset, traced);
  return models.map((model) => addModel(model, traced));
}

function addDataset({ name: dataset, columns }: BronzeDataset, { tables, origins }: Traced): void {
  const own = Object.keys(ROW_COLUMNS).map(
    (name) => ({ name, class: 'none', treatment: null, rawOnly: false }) as const,
  );
  const table = `bronze.${dataset}`;
  for (const { name: column, class: pii, treatment, rawOnly } of [...columns, ...own]) {
    const landed = [{ dataset, column, class: pii, treatment, rawOnly }];
    origins.set(`${table}.${column}`, { landed, unknown: [] });
  }
  tables.set(
    table,
    tableOf(
      table,
      [...columns, ...own].map(({ name }) => name),
    ),
  );
}

/** A table as those see it who read it: each column made of itself. */
function tableOf(table: string, names: readonly string[], isOpen = false): Relation {
  const sourcesOf = (name: string): Sources => ({ ...NOTHING, columns: new Set([`${table}.${name}`]) });
  const columns = names.map((name) => ({
    name: WITHOUT_NAME.test(name) ? '' : name.toLowerCase(),
    sources: sourcesOf(name),
  }));
  return { columns, rest: isOpen ? sourcesOf(REST) : null, rows: NOTHING };
}

const REST = '*';
/** What stands for a column that its SQL gives no name. */
const WITHOUT_NAME = /^\(\d+\)$/;

function addModel(model: Traceable, traced: Traced): ModelLineage {
  const selected = traceSelect(model.statement, traced.tables, model.reads);
  const kept = listKept(model, selected);
  const lineages = kept.map((column) => describeColumn(column, model, traced));
  for (const { name, landed, unknown } of lineages)
    traced.origins.set(`${model.name}.${name}`, { landed, unknown });
  const names = lineages.map(({ name }) => name).filter((name) => name !== REST);
  const table = tableOf(model.name, names, selected.rest !== null);
  for (const name of namesOf(model)) traced.tables.set(name, table);
  const indirect = listIndirect(model, selected, traced);
  traced.indirect.set(model.name, indirect);
  return { model: model.name, pipeline: model.pipeline, columns: lineages, indirect };
}

/** Those that it may be read by: what `publish` shows of it needs no schema. */
export function namesOf({ name, publishedAs }: Pick<Model, 'name' | 'publishedAs'>): readonly string[] {
  return publishedAs === null ? [name] : [name, `main.${publishedAs}`, `.${publishedAs}`];
}

/** The columns of the table that a SELECT becomes: some stay out, some are added by how it is kept. */
function listKept({ planner }: Traceable, { columns, rest }: Relation): Column[] {
  const given = { columns, rest, rows: NOTHING };
  const named = columns.map(({ name, sources }, place) => ({
    name: name === '' ? `(${String(place + 1)})` : name,
    sources,
  }));
  const added = [...planner.adds].map(([name, from]) => ({
    name,
    sources: uniteSources(from.map((column) => findColumn(given, column) ?? rest ?? NOTHING)),
  }));
  const unlisted = rest === null ? [] : [{ name: REST, sources: rest }];
  return [...mergeNames(named.filter(({ name }) => !planner.hides.includes(name))), ...added, ...unlisted];
}

/** A name that is given twice is made of what both are. */
function mergeNames(columns: readonly Column[]): Column[] {
  const names = [...new Set(columns.map(({ name }) => name))];
  const all = { columns, rest: null, rows: NOTHING };
  const made = sourcesOfMadeNames(all) ?? NOTHING;
  return names.map((name) => {
    const sources = findColumn(all, name) ?? NOTHING;
    return { name, sources: /_\d+$/.test(name) ? uniteSources([sources, made]) : sources };
  });
}

function describeColumn({ name, sources }: Column, { exposes }: Traceable, traced: Traced): ColumnLineage {
  const { landed, unknown } = originOf(sources, traced);
  return {
    name,
    class: strictestOf(landed),
    reads: [...sources.columns].sort(),
    landed,
    unresolved: [...sources.unresolved].sort(),
    unknown,
    exposes: exposes.get(name) ?? null,
  };
}

function originOf({ columns, unknown }: Sources, { origins }: Traced): Origin {
  const found = [...columns].flatMap((column) => origins.get(column) ?? []);
  return {
    landed: sortLanded(found.flatMap(({ landed }) => landed)),
    unknown: [...new Set([...unknown, ...found.flatMap((origin) => origin.unknown)])].sort(),
  };
}

function listIndirect(model: Traceable, selected: Relation, traced: Traced): readonly LandedSource[] {
  const chosen = model.planner.needs.flatMap((name) => findColumn(selected, name) ?? []);
  const { landed } = originOf(uniteSources([selected.rows, ...chosen]), traced);
  return sortLanded([...landed, ...model.reads.flatMap((name) => traced.indirect.get(name) ?? [])]);
}

/** Each once, by dataset and column. */
function sortLanded(landed: readonly LandedSource[]): LandedSource[] {
  const byName = new Map(landed.map((source) => [`${source.dataset}.${source.column}`, source]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, source]) => source);
}
