import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPostgres, type Postgres, startPostgres } from '../support/postgres.js';
import { describeTarget } from './conformance.js';
import { postgresSubject } from './postgres-subject.js';

const isThere = findPostgres() !== null;
let server: Postgres;
beforeAll(async () => {
  if (isThere) server = await startPostgres();
});
afterAll(async () => {
  if (isThere) await server.stop();
});

describe.runIf(isThere)('a real PostgreSQL', () => {
  describeTarget('postgres', {
    make: (settings) => postgresSubject(server).make(settings),
    canonical: {
      seen_at: `to_char(seen_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`,
      ok: 'cast(cast(ok as integer) as text)',
    },
  });
  it('is there', () => {
    expect(server.port).toBeGreaterThan(0);
  });
});
