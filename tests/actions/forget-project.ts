import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  forgetPeople,
  type ForgetReport,
  type ForgetRequest,
} from '../../src/actions/forget/forget-people.js';
import { pruneLake } from '../../src/actions/prune/prune-lake.js';
import { verifyLake } from '../../src/actions/verify/verify-lake.js';
import { verifyReceipts } from '../../src/actions/receipts/receipts.js';
import type { Effects } from '../../src/base/effects.js';
import { unpublish } from '../../src/dashboard/remove-published.js';
import type { IngestRequest } from '../../src/ingest/plan-ingest.js';
import { ingest, transform } from '../../src/pipeline.js';
import type { Project } from '../../src/project.js';
import { makeProject, type SmallProject } from '../ingest/land-project.js';
import { serve } from '../source/harness.js';
import { bytes } from '../support/stub-api.js';
import { openPruneProject } from '../support/prune-project-here.js';
import { queryFile } from './prune-project.js';

/** A project of customers with several mail addresses, whose source says what a test tells it to. */

export const NOW = new Date('2026-06-30T12:00:00Z');

export interface Customer {
  readonly id: string;
  readonly email: string;
  readonly city: string;
}

export const customer = (id: string, email: string, city: string): Customer => ({
  id,
  email: `${email}@example.org`,
  city,
});

const KEYS: Readonly<Record<string, string>> = Object.fromEntries(
  ['k1', 'k2'].map((id, at) => [
    id,
    Buffer.from(Array.from({ length: 32 }, (_, i) => i + at)).toString('base64'),
  ]),
);

export interface ForgetProject extends Pick<SmallProject, 'dir' | 'rows' | 'manifest'> {
  readonly environment: (keyId?: string) => Readonly<Record<string, string>>;
  readonly open: (keyId?: string) => Promise<Project>;
  readonly land: (date: string, people: readonly Customer[], more?: { keyId?: string; during?: () => Promise<unknown>; slot?: string }) => Promise<void>; // prettier-ignore
  readonly forget: (value: string | readonly string[], more?: Partial<ForgetRequest> & { keyId?: string }) => Promise<ForgetReport>; // prettier-ignore
  readonly prune: (days: number) => Promise<unknown>;
  readonly build: () => Promise<unknown>;
  /** Puts the key of an id where earlier keys are looked for. */
  readonly keepKey: (id: string) => void;
  readonly problems: () => Promise<readonly unknown[]>;
  readonly query: (sql: string) => Promise<unknown[][]>;
}

const COLUMNS = 'person_token, email_token, city, _ingest_date, _slot, _position';

export async function makeForgetProject(definition = (yaml: string) => yaml): Promise<ForgetProject> {
  let said: readonly Customer[] = [];
  let during = (): Promise<unknown> => Promise.resolve();
  const server = await serve(async (asked, response) => {
    await during();
    await bytes(JSON.stringify(said))(response, asked);
  });
  const made = await makeProject({
    'pipelines/shop.yaml': definition(writePage(server.url.origin)),
    'sql/shop/silver/latest.sql': `-- description: a model\n-- materialize: upsert on person_token\n-- deletes: keep\nselect ${COLUMNS} from bronze.customers\n`,
    'sql/shop/gold/cities.sql': `-- description: a model\n-- materialize: table\nselect city, count(*) as people from silver.latest group by city\n`,
  });
  const { dir } = made;
  const environment: ForgetProject['environment'] = (keyId = 'k1') => ({
    TOKEN_KEY: KEYS[keyId] ?? '',
    TOKEN_KEY_ID: keyId,
    XDG_CONFIG_HOME: join(dir, 'config'),
  });
  const open = (keyId?: string): Promise<Project> =>
    openPruneProject(dir, NOW, () => undefined, environment(keyId));
  return {
    ...{ dir, environment, open, rows: made.rows, manifest: made.manifest },
    land: async (date, people, more = {}) => {
      said = people;
      during = more.during ?? (() => Promise.resolve());
      const fetched: Partial<Effects> = { fetch: (await made.open()).effects.fetch };
      const project = await open(more.keyId);
      const request: IngestRequest = {
        ...{ pipeline: 'shop', date, slot: null, dataset: null, source: null, seed: null },
        ...{ force: false, asOfNow: true, limitPages: null },
      };
      await ingest({ ...project, effects: { ...project.effects, ...fetched } }, request);
    },
    forget: async (value, { keyId, ...more } = {}) =>
      forgetPeople(await open(keyId), {
        ...{ dataset: 'customers', by: 'email_token', reason: 'request', keepForDays: null },
        values: [value].flat().map((text, index) => ({ text: `${text}@example.org`, line: index + 1 })),
        ...{ dropUnsearchable: false, unpublish },
        ...more,
      }),
    prune: async (olderThanDays) =>
      pruneLake(await open(), { pipeline: null, olderThanDays, what: ['raw'], apply: true }),
    build: async () => transform(await open(), { pipeline: 'shop', dates: [] }),
    keepKey: (id) => {
      mkdirSync(join(dir, 'config/lakeveil/keys'), { recursive: true });
      writeFileSync(join(dir, `config/lakeveil/keys/${id}.key`), `${KEYS[id] ?? ''}\n`, { mode: 0o600 });
    },
    problems: async () => [
      ...(await verifyLake(await open(), { date: null })).problems,
      ...(await verifyReceipts(await open())).problems,
    ],
    query: (sql) => queryFile(join(dir, 'db/lake.duckdb'), sql),
  };
}

function writePage(baseUrl: string): string {
  return `
pipeline: shop
source: { base_url: ${baseUrl} }
datasets:
  customers:
    time: snapshot
    request: { path: '/customers', records: '' }
    contract:
      schema:
        type: object
        required: [id, email, city]
        properties:
          id: { type: string, maxLength: 20, x-pii: direct }
          email: { type: string, maxLength: 100, x-pii: direct }
          city: { type: string, pattern: '^[A-Z][a-z]{2,20}$', x-pii: quasi }
    landing:
      person_token: { from: id, treat: token, scope: customer }
      email_token: { from: email, treat: token, scope: email, normal: email }
      city: { from: city, treat: keep }
`;
}
