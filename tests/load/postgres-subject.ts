import pg from 'pg';
import type { Postgres } from '../support/postgres.js';
import type { Subject } from './conformance.js';

let made = 0;

/** Each target has a database of its own on one server. */
export function postgresSubject(server: Postgres, more: Readonly<Record<string, string>> = {}): Subject {
  return {
    make: async (settings) => {
      made += 1;
      const database = `load_${made}`;
      await askServer(server, 'postgres', `create database ${database}`);
      const rest = settings === '' ? '' : `, ${settings}`;
      return {
        yaml: `targets:\n  t: { type: postgres, url: '\${WAREHOUSE_URL}', schema_prefix: lv_, lock_timeout: 60s${rest} }\n`,
        variables: { WAREHOUSE_URL: server.url(database), ...more },
        query: (_, sql) => askServer(server, database, sql.replaceAll(/\{(\w+)\.(\w+)\}/g, '"lv_$1"."$2"')),
      };
    },
    canonical: {
      seen_at: `to_char(seen_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`,
      ok: 'cast(cast(ok as integer) as text)',
    },
  };
}

/** Rows of one statement as texts. */
export async function askServer(
  { url }: Pick<Postgres, 'url'>,
  database: string,
  sql: string,
): Promise<(string | null)[][]> {
  const client = new pg.Client({ connectionString: url(database), types: { getTypeParser: () => String } });
  await client.connect();
  try {
    const { rows } = await client.query<(string | null)[]>({ text: sql, rowMode: 'array' });
    return rows;
  } finally {
    await client.end();
  }
}
