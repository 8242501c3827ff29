import { PLAIN_CSV } from '../../src/base/types/csv-definition.js';
import {
  type DuckDBConnection,
  type DuckDBInstance,
  type Json,
  LIST,
  listValue,
  VARCHAR,
} from '@duckdb/node-api';
import { type CompiledPolicy, compilePolicy } from '../../src/anonymize/compile-policy.js';
import type { MasterKey } from '../../src/anonymize/keys.js';
import { makeParameterValues, planPage } from '../../src/anonymize/segment-plan.js';
import type { Treatment } from '../../src/anonymize/treatment.js';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import { openInstance, quoteName } from '../../src/base/duckdb.js';
import { type DatasetDefinition, type LandingColumn, type Leaf } from '../../src/base/types/definition.js';
import type { CheckedPage } from '../../src/base/types/record.js';

export const KEY: MasterKey = { id: 'k1', bytes: Uint8Array.from({ length: 32 }, (_, i) => i) };
export const DATE = '2026-11-20';

/** A leaf as the loader would give it. */
export function leafOf(path: string, facts: Partial<Leaf> = {}): Leaf {
  return {
    path,
    segments: path.split('.'),
    class: 'direct',
    type: 'VARCHAR',
    required: false,
    bound: null,
    onInvalid: 'reject',
    many: null,
    moment: null,
    schema: { maxLength: 1_000 },
    ...facts,
  };
}

/** A landing column with the parameters completed as the loader would. */
export function columnOf(
  name: string,
  from: readonly Leaf[],
  treatment: string,
  params: Readonly<Record<string, unknown>> = {},
  part: LandingColumn['part'] = null,
): LandingColumn {
  const spec = TREATMENTS.get(treatment);
  if (spec === undefined) throw new Error(`there is no treatment ${treatment}`);
  const complete = spec.params.parse(params);
  const type = spec.outputType(from, complete);
  return {
    name,
    from,
    part,
    treatment,
    params: complete,
    class: 'direct',
    type,
    each: false,
    rawOnly: false,
    reviewed: null,
  };
}

export function datasetOf(
  landing: readonly LandingColumn[],
  facts: Partial<DatasetDefinition> = {},
): DatasetDefinition {
  const leaves = new Map(landing.flatMap(({ from }) => from).map((leaf) => [leaf.path, leaf]));
  return {
    name: 'people',
    time: 'by_date',
    ...{ slot: null, of: null, forEach: null, explode: null, place: null },
    request: {
      method: 'GET',
      baseUrl: null,
      path: '/people',
      query: new Map(),
      ...{ body: null, paramsIn: 'query' },
      format: 'json',
      encoding: null,
      archive: null,
      csv: PLAIN_CSV,
      records: '',
      keyed: false,
      keyAs: null,
      columns: null,
      singleAsList: false,
      ignoreMore: null,
      errorPath: null,
      okPath: null,
      onPageDrift: 'fail',
      bodyFormat: 'json',
      since: null,
      pagination: { type: 'none' },
    },
    contract: {
      onUnknownField: 'discard_value',
      maxRejected: 0,
      schema: {},
      leaves,
      elsewhere: new Set(),
      expected: new Set(),
    },
    rawZone: 'restricted',
    landing,
    drop: [],
    primaryKey: [],
    onDuplicate: 'keep_last',
    maxDrop: 0.5,
    prove: 'on',
    maxWithheld: 0.01,
    freshnessMs: null,
    retentionDays: null,
    checks: [],
    ...facts,
  };
}

/** A value that is a text, as such; '' for any other. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** A checked page of these rows; the values of a row are in the order of the leaves. */
export function pageOf(leaves: readonly Leaf[], rows: readonly (readonly Json[])[], index = 0): CheckedPage {
  const columns = Object.fromEntries<Json[]>([
    ['page', rows.map(() => index)],
    ['position', rows.map((_, position) => position)],
    ...leaves.map((leaf, i) => [leaf.path, rows.map((row) => row[i] ?? null)] as [string, Json[]]),
  ]);
  const accepted = rows.length;
  const values = new Map(leaves.map((leaf, i) => [leaf.path, rows.map((row) => row[i] ?? null)]));
  return { index, fetched: accepted, accepted, columns: JSON.stringify(columns), values, rejects: [] };
}

/** One column under test: a treatment, its parameters and its leaves. */
export interface Subject {
  readonly treatment: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly leaves: readonly Leaf[];
  readonly part?: LandingColumn['part'];
}

export interface Treated {
  readonly value: Json;
  readonly hasShape: boolean;
}

/** A room of the same making as the safe room, whose answers a test can read. */
export class Bench {
  readonly #instance: DuckDBInstance;
  readonly connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.connection = connection;
  }

  static async open(): Promise<Bench> {
    const options = { allowedDirectories: [], tempDirectory: '', memoryLimitMb: 400, threads: 1 };
    const instance = await openInstance(options);
    return new Bench(instance, await instance.connect());
  }

  close(): void {
    this.connection.closeSync();
    this.#instance.closeSync();
  }

  /** Treats rows by the compiled statement, in their order. */
  async treat(
    { treatment, params = {}, leaves, part = null }: Subject,
    rows: readonly (readonly Json[])[],
    treatments: ReadonlyMap<string, Treatment> = TREATMENTS,
  ): Promise<Treated[]> {
    const dataset = datasetOf([columnOf('treated', leaves, treatment, params, part)]);
    return this.run(compilePolicy(dataset, KEY.id, treatments), rows);
  }

  /** The first column of a policy, and whether it has its shape. */
  async run(policy: CompiledPolicy, rows: readonly (readonly Json[])[], key = KEY): Promise<Treated[]> {
    const [column] = policy.columns;
    if (column === undefined) throw new Error('a policy without columns');
    const pages = listValue([planPage(policy, key)(pageOf(policy.leaves, rows))]);
    const reader = await this.connection.runAndReadAll(
      `select ${quoteName(column.landing.name)}, (${column.shape}) is true from (${policy.statement}) order by "position"`,
      { ...(await makeParameterValues(policy, key, DATE)), pages },
      { pages: LIST(VARCHAR) },
    );
    return reader.getRowsJson().map(([value = null, hasShape]) => ({ value, hasShape: hasShape === true }));
  }
}
