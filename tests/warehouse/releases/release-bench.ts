import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { ReleaseDefinition } from '../../../src/base/types/release.js';
import type { ReleaseResult } from '../../../src/base/types/release-result.js';
import type { LandingColumnType, LandedPartition } from '../../../src/warehouse/landed-partition.js';
import {
  landed,
  landRows,
  makeProject,
  type Project,
  readPublished,
  type Row,
  transform,
  writeSql,
} from '../lake-fixture.js';

/** A project with one dataset of people, a table of them by date, and a release of it. */

export const COLUMNS: readonly LandingColumnType[] = [
  { ...landed('person_token'), treatment: 'token', class: 'direct' },
  { ...landed('city'), class: 'quasi' },
  { ...landed('age', 'BIGINT'), class: 'quasi' },
  { ...landed('provider'), class: 'direct' },
  landed('illness'),
];

export const RELEASE: ReleaseDefinition = {
  name: 'gold.people_release',
  from: 'silver.people_by_date',
  description: '',
  columns: ['city', 'age', 'ingest_date'],
  person: null,
  quasi: null,
  reviewed: null,
  sensitive: [],
  require: { k: 2, l: null, t: null },
  onBreach: 'generalize',
  maxSuppressed: 0.1,
  ladders: new Map([
    [
      'city',
      {
        kind: 'steps',
        steps: [
          { kind: 'keep', label: 'city' },
          { kind: 'characters', label: '1 character', count: 1 },
          { kind: 'all', label: '*' },
        ],
      },
    ],
    [
      'age',
      {
        kind: 'steps',
        steps: [
          { kind: 'width', label: '10 years', width: 10 },
          { kind: 'width', label: '20 years', width: 20 },
          { kind: 'all', label: '*' },
        ],
      },
    ],
  ]),
};

export const BY_DATE = `-- description: People by date.
-- materialize: incremental by ingest_date
select person_token, city, age, provider, illness, _ingest_date as ingest_date from bronze.people
`;
export const ALL = `-- description: People of all dates.
-- materialize: table
select person_token, city, age, provider, illness from bronze.people
`;

export type People = readonly Row[];

export interface Bench {
  readonly project: Project;
  /** Lands people on dates, transforms, and gives what was measured; a date again replaces it. */
  readonly run: (
    dates: Readonly<Record<string, People>>,
    changes?: Partial<ReleaseDefinition>,
    more?: { readonly isErasure: boolean },
  ) => Promise<ReleaseResult>;
  /** Gives a landed column another class. */
  readonly reclass: (column: string, to: LandingColumnType['class']) => void;
  /** What was measured last, also if it was not published. */
  readonly last: () => ReleaseResult | undefined;
  readonly rows: (sql?: string) => Promise<unknown[][]>;
  /** Of the published file. */
  readonly digest: () => Promise<string>;
}

export async function openBench(
  options: {
    readonly sql?: string;
    readonly time?: 'by_date' | 'snapshot';
    readonly files?: Readonly<Record<string, string>>;
  } = {},
): Promise<Bench> {
  const project = await makeProject();
  await writeSql(project, 'persons/silver/people_by_date.sql', options.sql ?? BY_DATE);
  for (const [file, text] of Object.entries(options.files ?? {}))
    await writeSql(project, `persons/${file}`, text);
  const partitions = new Map<string, LandedPartition>();
  let runs = 0;
  const measured: ReleaseResult[] = [];
  const dataset = {
    name: 'people',
    time: options.time ?? ('by_date' as const),
    columns: [...COLUMNS],
    tokens: [],
    checks: [],
  };
  return {
    project,
    reclass: (column, to) => {
      dataset.columns = dataset.columns.map((own) => (own.name === column ? { ...own, class: to } : own));
    },
    last: () => measured.at(-1),
    async run(dates, changes = {}, { isErasure } = { isErasure: false }) {
      runs += 1;
      const runId = `run${runs}`;
      for (const [date, people] of Object.entries(dates))
        partitions.set(
          date,
          await landRows(project, date, people, { dataset: 'people', columns: COLUMNS, runId }),
        );
      const before = measured.length;
      await transform(project, {
        runId,
        isErasure,
        partitions: [...partitions.values()],
        pipelines: [
          {
            pipeline: 'persons',
            sqlDir: join(project.root, 'sql', 'persons'),
            datasets: [dataset],
            releases: [{ ...RELEASE, ...changes }],
          },
        ],
        onRelease: (release) => measured.push(release),
      });
      const last = measured.at(-1);
      if (last === undefined || measured.length === before) throw new Error('no release was built');
      return last;
    },
    rows: async (
      sql = 'select city, age, count(*)::integer as n from gold.people_release group by all order by all',
    ) => readPublished(project, sql),
    digest: async () =>
      createHash('sha256')
        .update(await readFile(project.databasePath))
        .digest('hex'),
  };
}

export function person(id: number | string, city: string | null, age: number | null, more: Row = {}): Row {
  return { person_token: `k1_${String(id)}`, city, age, provider: 'gmail.com', illness: 'flu', ...more };
}

/** Several people who look the same. */
export function people(from: number, count: number, city: string, age: number, more: Row = {}): Row[] {
  return Array.from({ length: count }, (_, index) => person(from + index, city, age, more));
}

/** Opens benches that are removed after each test. */
export function useBenches(): typeof openBench {
  const open: Bench[] = [];
  afterEach(async () => {
    for (const { project } of open.splice(0)) await project.remove();
  });
  return async (...given) => {
    const bench = await openBench(...given);
    open.push(bench);
    return bench;
  };
}
