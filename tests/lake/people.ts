import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type CompiledPolicy, compilePolicy } from '../../src/anonymize/compile-policy.js';
import { SafeRoom } from '../../src/anonymize/safe-room.js';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import { quoteText } from '../../src/base/duckdb.js';
import type { DatasetDefinition } from '../../src/base/types/definition.js';
import type { CheckedPage, MaskedSegment } from '../../src/base/types/record.js';
import { loadPipeline } from '../../src/definition/load-project.js';
import { planLanding } from '../../src/ingest/plan-landing.js';
import type { LandingPlan } from '../../src/lake/landing-plan.js';
import { type LandedParts, LandingRoom } from '../../src/lake/landing-room.js';
import { DATE, makeTempFolder } from './lake-fixture.js';

/** People of the shipped pipeline, through the real safe room into the landing room. */

export const PROJECT_DIR = join(import.meta.dirname, '..', '..');
export const KEY = { id: 'k1', bytes: new Uint8Array(32).map((_, i) => i) };

export async function loadPersons(): Promise<DatasetDefinition> {
  const input = { projectDir: PROJECT_DIR, treatments: TREATMENTS, variables: new Map(), places: 'nowhere' };
  const persons = (await loadPipeline(input, 'persons')).datasets.get('persons');
  if (persons === undefined) throw new Error('the shipped pipeline has no persons');
  return persons;
}

/** Who it is decides the tokens; the city tells records of one person apart. */
export interface Person {
  readonly who: number;
  readonly city?: string;
  readonly birthday?: string;
  readonly latitude?: number | null;
}

function recordOf({ who, city = 'Berlin', birthday = '1990-05-17', latitude = 52.4 }: Person) {
  return {
    firstname: 'Maja',
    lastname: `Öztürk ${who}`,
    email: `maja.${who}@gmail.com`,
    phone: '+4930123456',
    birthday,
    gender: 'female',
    'address.street': '12 Long Road',
    'address.city': city,
    'address.zipcode': '04753',
    'address.country': 'Germany',
    'address.country_code': 'DE',
    'address.county_code': null,
    'address.latitude': latitude,
    'address.longitude': 13.4,
  };
}

export function pageOf(index: number, people: readonly Person[]): CheckedPage {
  const records = people.map(recordOf);
  const columns: Record<string, unknown[]> = {
    page: records.map(() => index),
    position: records.map((_, i) => i),
  };
  for (const path of Object.keys(recordOf({ who: 0 })) as (keyof ReturnType<typeof recordOf>)[]) {
    columns[path] = records.map((record) => record[path]);
  }
  const count = records.length;
  const values = new Map(Object.entries(columns));
  return { index, fetched: count, accepted: count, columns: JSON.stringify(columns), values, rejects: [] };
}

export interface Pull {
  readonly pages: readonly (readonly Person[])[];
  readonly pagesPerPart?: number;
  /** Pages in a segment. */
  readonly pagesPerSegment?: number;
  readonly threads?: number;
}

export interface Masked {
  readonly stagingDir: string;
  readonly policy: CompiledPolicy;
  readonly plan: LandingPlan;
  readonly segments: readonly MaskedSegment[];
}

/** Masks pages, handed in backwards, into segments of a staging folder of their own. */
export async function maskPeople({
  pages,
  pagesPerPart = 1_000,
  pagesPerSegment = 1,
  threads = 2,
}: Pull): Promise<Masked> {
  const persons = await loadPersons();
  const policy = compilePolicy(persons, KEY.id);
  const stagingDir = await makeTempFolder();
  const pageSize = Math.floor(122_880 / pagesPerSegment);
  const room = await SafeRoom.open({
    ...{ policy, key: KEY, date: DATE, stagingDir, pageSize, pagesPerPart, threads },
    memoryLimitMb: 400,
  });
  try {
    const checked = pages.map((people, index) => pageOf(index, people));
    await Promise.all(checked.toReversed().map(async (page) => room.mask(page)));
    const segments = await room.finish();
    return { stagingDir, policy, plan: planLanding(persons, policy), segments };
  } finally {
    await room.close();
  }
}

/** Joins segments into parts in the landing room. */
export async function landPeople(
  { stagingDir, plan, segments }: Masked,
  { threads = 2, compression = 'zstd' }: { threads?: number; compression?: 'zstd' | 'snappy' } = {},
): Promise<LandedParts> {
  const room = await LandingRoom.open({ stagingDir, compression, memoryLimitMb: 400, threads });
  try {
    return await room.land(plan, segments, 0);
  } finally {
    room.close();
  }
}

/** Rows of Parquet files, in order, as DuckDB gives them in JSON. */
export async function readParquet(paths: readonly string[], columns = '*'): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    const list = paths.map(quoteText).join(', ');
    return (await connection.runAndReadAll(`select ${columns} from read_parquet([${list}])`)).getRowsJson();
  } finally {
    instance.closeSync();
  }
}
