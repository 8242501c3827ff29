import { join } from 'node:path';
import { TREATMENTS } from '../anonymize/treatments/registry.js';
import type { DatasetDefinition, Definition, LandingColumn } from '../base/types/definition.js';
import type { ManifestSource } from '../base/types/manifest.js';
import { nameFiles } from '../source/pull-files.js';
import { ROW_COLUMNS } from '../warehouse/file/bronze-view.js';
import type { TableLineage } from '../warehouse/lineage/trace-columns.js';
import type { DatasetName, LineageDataset, MakeFacet } from './event.js';

/** A dataset of a definition, and where its records came from, if that is known. */
export interface KnownDataset {
  readonly definition: Definition;
  readonly dataset: DatasetDefinition;
  /** Of what landed; null where nothing did. */
  readonly source: ManifestSource | null;
}

/** Where things are, and what there is. */
export interface Places {
  readonly projectDir: string;
  readonly lakeDir: string;
  readonly databasePath: string;
  readonly facet: MakeFacet;
  /** By name of the dataset, which is unique in a project. */
  readonly datasets: ReadonlyMap<string, KnownDataset>;
}

const BUNDLED = 'lakeveil://embedded';

/** `{ namespace: 'https://api.example', name: '/v1/people' }`; of files, the namespace `file` and a path. */
export function nameSource(
  { projectDir }: Places,
  { definition, dataset, source }: KnownDataset,
): DatasetName {
  const { baseUrl, path } = dataset.request;
  const base = baseUrl ?? definition.source.baseUrl;
  if (source?.kind === 'http') return { namespace: source.origin ?? '', name: source.path ?? path };
  if (source?.kind === 'embedded' || (source === null && base === 'embedded'))
    return { namespace: BUNDLED, name: path };
  if (base.startsWith('file:'))
    return { namespace: 'file', name: join(projectDir, nameFiles(base.slice('file:'.length), path)) };
  return { namespace: URL.canParse(base) ? new URL(base).origin : base, name: path };
}

/** A dataset in the lake: all its dates, as one path without dates. */
export function nameLanded({ lakeDir }: Places, dataset: string): DatasetName {
  return { namespace: 'file', name: join(lakeDir, 'raw', dataset) };
}

/** A table or view of the warehouse, such as `silver.users`; a view of bronze is the dataset that it reads. */
export function nameTable(places: Places, table: string): DatasetName {
  const [, bronze] = /^bronze\.(.*)$/.exec(table) ?? [];
  if (bronze === undefined) return { namespace: `duckdb://${places.databasePath}`, name: table };
  return nameLanded(places, places.datasets.has(bronze) ? bronze : bronze.replace(/_latest$/, ''));
}

/** The records of a source, with the fields of the contract of each dataset that is made of them. */
export function describeSource(places: Places, known: KnownDataset): LineageDataset {
  const leaves = new Map(
    [...places.datasets.values()]
      .filter(({ definition, dataset }) => isSameRequest(known, { definition, dataset }))
      .flatMap(({ dataset }) => [...dataset.contract.leaves]),
  );
  const fields = [...leaves.values()].map(({ path, type, many, class: pii }) => ({
    name: path,
    type: many === null ? type : `${type}[]`,
    description: `class: ${pii}`,
  }));
  return { ...nameSource(places, known), facets: places.facet('schema', { fields }) };
}

function isSameRequest(
  { definition, dataset }: KnownDataset,
  other: Pick<KnownDataset, 'definition' | 'dataset'>,
): boolean {
  return (
    other.definition.pipeline === definition.pipeline &&
    other.dataset.request.path === dataset.request.path &&
    other.dataset.request.baseUrl === dataset.request.baseUrl
  );
}

/** What lands of a dataset: its columns, and the fields of the records that they are made of. */
export function describeLanded(places: Places, known: KnownDataset): LineageDataset {
  const { facet } = places;
  const { name, landing, primaryKey } = known.dataset;
  const own = Object.entries(ROW_COLUMNS).map(([column, type]) => ({
    name: column,
    type,
    description: 'added by the lake',
  }));
  const landed = landing.map((column) => ({
    name: column.name,
    type: column.type,
    description: `class: ${column.class}; treatment: ${column.treatment}`,
  }));
  const keys = landing.filter((column) => primaryKey.includes(column.name));
  const lineage = {
    fields: Object.fromEntries(
      landing.map((column) => [
        column.name,
        {
          inputFields: listLeaves(places, known, column, {
            type: 'DIRECT',
            subtype: describeTreatment(column),
          }),
        },
      ]),
    ),
    // A record that comes twice lands once.
    dataset: keys.flatMap((column) =>
      listLeaves(places, known, column, { type: 'INDIRECT', subtype: 'FILTER' }),
    ),
  };
  return {
    ...nameLanded(places, name),
    facets: {
      ...facet('schema', { fields: [...landed, ...own] }),
      ...facet('columnLineage', unrepeat(lineage)),
      ...facet('storage', { storageLayer: 'file', fileFormat: 'parquet' }),
    },
  };
}

/** A table, with the columns of other tables and of the lake that it reads, and the fields of records behind them. */
export function describeTable(places: Places, table: TableLineage): LineageDataset {
  const { facet } = places;
  const fields = table.columns.map(({ name, type }) => ({ name, type }));
  const lineage = {
    fields: Object.fromEntries(
      table.columns.map(({ name, use, reads, landed }) => [
        name,
        { inputFields: listInputs(places, reads, landed, { type: 'DIRECT', subtype: use }) },
      ]),
    ),
    dataset: table.rows.flatMap(({ name, use, landed }) =>
      listInputs(places, [name], landed, { type: 'INDIRECT', ...(use === null ? {} : { subtype: use }) }),
    ),
  };
  return {
    ...nameTable(places, table.model),
    facets: { ...facet('schema', { fields }), ...facet('columnLineage', unrepeat(lineage)) },
  };
}

interface Transformation {
  readonly type: 'DIRECT' | 'INDIRECT';
  readonly subtype?: string;
}

interface InputField extends DatasetName {
  readonly field: string;
  readonly transformations: readonly unknown[];
}

/** Fields of records first: only on their way into the lake are values masked. */
function listInputs(
  places: Places,
  reads: readonly string[],
  landed: readonly { readonly dataset: string; readonly column: string }[],
  use: Transformation,
): InputField[] {
  const sources = landed.flatMap(({ dataset, column }) => {
    const known = places.datasets.get(dataset);
    const landing = known?.dataset.landing.find(({ name }) => name === column);
    return known === undefined || landing === undefined ? [] : listLeaves(places, known, landing, use);
  });
  const read = reads.map((name) => {
    const [schema = '', table = '', ...column] = name.split('.');
    const transformations = [{ ...use, masking: false }];
    return { ...nameTable(places, `${schema}.${table}`), field: column.join('.'), transformations };
  });
  return [...sources, ...read];
}

/** The fields of a record that a landed column is made of. */
function listLeaves(
  places: Places,
  known: KnownDataset,
  column: LandingColumn,
  { type, subtype }: Transformation,
): InputField[] {
  const masking = isMasked(column);
  // A value that is masked on its way is not the same at its end, whatever the SQL does with it.
  const shown = masking && subtype === 'IDENTITY' ? 'TRANSFORMATION' : subtype;
  const transformations = [
    { type, ...(shown === undefined ? {} : { subtype: shown }), description: column.treatment, masking },
  ];
  return column.from.map(({ path }) => ({ ...nameSource(places, known), field: path, transformations }));
}

/** Whether the treatment never lets the value itself land. */
function isMasked({ treatment }: LandingColumn): boolean {
  return TREATMENTS.get(treatment)?.keeps === 'never';
}

function describeTreatment(column: LandingColumn): string {
  return isMasked(column) || column.from.length > 1 || column.part !== null ? 'TRANSFORMATION' : 'IDENTITY';
}

/** Several columns can be made of the same field. */
function unrepeat<T extends { readonly dataset: readonly InputField[] }>(lineage: T): T {
  const byText = new Map(lineage.dataset.map((field) => [JSON.stringify(field), field]));
  return { ...lineage, dataset: [...byText.values()] };
}
