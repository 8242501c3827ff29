import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { ForgetReport } from '../../src/actions/forget/forget-people.js';
import type { LeakReport } from '../../src/actions/leakscan/leak-findings.js';
import type { Manifest } from '../../src/base/types/manifest.js';
import { makeCanaries, makeMovedCanary } from '../support/canary-people.js';
import { startStubApi, type StubRequest } from '../support/stub-api.js';
import { sendJson } from '../source/harness.js';
import { makeSampleProject, type SampleProject } from './sample-project.js';

/** One person of a source, whose kept cells hold something that no other cell has: an erasure must take all of it away. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const DATES = ['2026-03-01', '2026-03-02', '2026-03-03'];
const PEOPLE = 100;
/** The person, and the town that is only theirs. */
const PLANTED = 7;
export const TOWN = 'Kanarywick';
export const EMAIL = String(makeCanaries(1, PLANTED)[0]?.['email']);
/** A passenger with several trips each hour, on a flight that no one else takes. */
export const PASSENGER = 'PX-KANARY-0001';
export const FLIGHT = 'KX9871';
export const TRIPS = 5;
const BOOKINGS = 1000;
export const HOURS = ['2026-03-01T08', '2026-03-01T09', '2026-03-02T08'];

export interface ForgetScene extends SampleProject {
  /** Base URL of the stub; its people and bookings are the same at every call. */
  readonly source: string;
  readonly close: () => Promise<void>;
  readonly land: (pipeline: 'persons' | 'bookings', moment: string) => Promise<void>;
  /** Values that must be found or not, by `leakscan --canary`. */
  readonly scan: (...values: string[]) => Promise<LeakReport>;
  /** Runs `forget --yes --json` by these values. */
  readonly forget: (exit: number, dataset: string, by: string, values: readonly string[], ...words: string[]) => Promise<ForgetReport>; // prettier-ignore
  readonly manifest: (path: string) => Manifest;
  readonly query: (sql: string) => Promise<unknown>;
}

export async function makeForgetScene(): Promise<ForgetScene> {
  const api = await startStubApi((request) => (response) => {
    if (request.path.endsWith('/persons')) sendJson(response, { total: PEOPLE, data: people(request) });
    else {
      response.writeHead(200, { 'content-type': 'text/csv' });
      response.end(bookings(request));
    }
  });
  const project = makeSampleProject();
  for (const part of ['pipelines/bookings.yaml', 'sql/bookings'])
    cpSync(join(ROOT, part), join(project.dir, part), { recursive: true });
  writeFileSync(
    join(project.dir, 'targets.yaml'),
    'targets:\n  reporting: { type: sqlite, path: reporting.sqlite, tokens: true }\n',
  );
  const write = (name: string, values: readonly string[]): string => {
    const path = join(project.dir, '..', `${project.dir.split('/').at(-1) ?? ''}-${name}.txt`);
    writeFileSync(path, `${values.join('\n')}\n`);
    return path;
  };
  return {
    ...project,
    source: api.url,
    close: async () => {
      await api.close();
      project.remove();
    },
    land: async (pipeline, moment) => {
      const few = pipeline === 'persons' ? ['--records', String(PEOPLE)] : [];
      const words = ['run', pipeline, '--date', moment, '--source', api.url, '--quiet', ...few];
      const ended = await project.run(...words);
      expect(ended.exit, ended.stderr).toBe(0);
    },
    scan: async (...values) => {
      const ended = await project.run('leakscan', '--json', '--canary', write('canary', values));
      return JSON.parse(ended.stdout) as LeakReport;
    },
    forget: async (exit, dataset, by, values, ...words) => {
      const file = write('values', values);
      const own = ['forget', '--dataset', dataset, '--by', by, '--values', file, '--yes', '--json', ...words];
      const ended = await project.run(...own);
      expect(ended.exit, ended.stdout + ended.stderr).toBe(exit);
      for (const text of values) expect(ended.stdout + ended.stderr).not.toContain(text);
      return JSON.parse(ended.stdout) as ForgetReport;
    },
    manifest: (path) =>
      JSON.parse(readFileSync(join(project.dir, 'data_lake/raw', path), 'utf8')) as Manifest,
    query: async (sql) => {
      const ended = await project.run('query', sql, '--format', 'json');
      expect(ended.exit, ended.stderr).toBe(0);
      return JSON.parse(ended.stdout) as unknown;
    },
  };
}

function people({ query }: StubRequest): unknown[] {
  const all = makeCanaries(Number(query.get('_quantity')));
  return all.map((person, n) => (n === PLANTED ? makeMovedCanary(PLANTED, { city: TOWN }) : person));
}

const HEAD =
  'Booking_ID,Booking_Date,Flight_ID,Flight_Date,Passenger_ID,Passenger_Name,Email,Gender,Country_Code,Ticket_Class,Quantity,Unit_Price,Payment_Method,Booking_Status,Revenue';

function bookings({ query }: StubRequest): string {
  const [date, slot] = [query.get('date') ?? '', query.get('slot') ?? ''];
  const rows = Array.from({ length: BOOKINGS }, (_, n) => {
    const isPlanted = n % (BOOKINGS / TRIPS) === 3;
    const [passenger, flight] = isPlanted
      ? [PASSENGER, FLIGHT]
      : [`PX-${String(n % 300).padStart(6, '0')}`, 'LH400'];
    return [
      `BK-${date}-${slot}-${n}`,
      date,
      flight,
      '2026-06-01',
      passenger,
      `Xq Kanaryfirst ${n}`,
      `xq${n}.KanaryMail@gmail.com`,
      ['Female', 'Male'][n % 2],
      ['DE', 'FR', 'JP'][n % 3],
      'Economy',
      1,
      '99.50',
      'PayPal',
      'Booked',
      '99.50',
    ].join(',');
  });
  return `${[HEAD, ...rows].join('\n')}\n`;
}
