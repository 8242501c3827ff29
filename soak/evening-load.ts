import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { loadTables } from '../src/actions/load/load-tables.js';
import { quoteName } from '../src/base/duckdb.js';
import { scanForCanaries } from '../tests/support/canary.js';
import { findPostgres, startPostgres } from '../tests/support/postgres.js';
import { OWN_COLUMNS } from './judge.js';
import type { World } from './world.js';

/** A PostgreSQL that a world loads its tables into every evening. */
export interface EveningTarget {
  /** Loads what differs; nothing while there are no tables. */
  readonly load: (world: World) => Promise<void>;
  /** Loads the other world beside it, and compares the two: one line per problem. */
  readonly compare: (undisturbed: World) => Promise<string[]>;
  readonly figures: { loads: number; rows: number; tables: number };
  readonly stop: () => Promise<void>;
}

const PREFIXES = { rough: 'rough_', calm: 'calm_' } as const;

/** @param dirs the folders of the two worlds; null if PostgreSQL is not installed */
export async function startEveningTarget(
  dirs: Readonly<Record<keyof typeof PREFIXES, string>>,
): Promise<EveningTarget | null> {
  if (findPostgres() === null) return null;
  const server = await startPostgres();
  for (const [name, dir] of Object.entries(dirs)) {
    const settings = `type: postgres, url: '${server.url('postgres')}', tokens: true`;
    const text = `targets:\n  evening: { ${settings}, schema_prefix: ${name}_ }\n`;
    await writeFile(join(dir, 'targets.yaml'), text.replace(server.url('postgres'), '${EVENING_URL}'));
    await writeFile(join(dir, '.env'), `EVENING_URL=${server.url('postgres')}\n`);
  }
  const figures = { loads: 0, rows: 0, tables: 0 };
  const load = async ({ project }: World): Promise<void> => {
    if (!existsSync(project.config.databasePath)) return;
    const common = { pipeline: null, tables: [], date: null, force: false };
    const { rows } = await loadTables(project, { target: 'evening', ...common });
    figures.loads += 1;
    figures.rows += rows;
  };
  return {
    load,
    figures,
    compare: async (undisturbed) => {
      await load(undisturbed);
      const { wrong, tables } = await compareSchemas(server.url('postgres'));
      figures.tables = tables;
      const findings = await scanForCanaries([server.dataDir, server.logFile]);
      const leaks = findings.map(({ needle, where }) => `the canary of ${needle} is in ${where}`);
      return [...wrong, ...leaks];
    },
    stop: () => server.stop(),
  };
}

/** The tables of silver and gold of the two worlds have the same rows. */
async function compareSchemas(connectionString: string): Promise<{ wrong: string[]; tables: number }> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const list = async (prefix: string): Promise<string[]> => {
      const { rows } = await client.query<{ name: string }>(
        `select table_schema || '.' || table_name as name from information_schema.tables
         where table_schema in ('${prefix}silver', '${prefix}gold') order by 1`,
      );
      return rows.map(({ name }) => name.slice(prefix.length));
    };
    const [own, other] = [await list(PREFIXES.rough), await list(PREFIXES.calm)];
    const wrong = own.join() === other.join() ? [] : ['PostgreSQL has different tables of the two worlds'];
    for (const name of own.filter((one) => other.includes(one))) {
      const [layer = '', table = ''] = name.split('.');
      const { rows: found } = await client.query<{ name: string }>(
        'select column_name as name from information_schema.columns where table_schema = $1 and table_name = $2',
        [`${PREFIXES.rough}${layer}`, table],
      );
      const columns = found
        .filter((column) => !OWN_COLUMNS.includes(column.name))
        .map((column) => quoteName(column.name));
      const [here, there] = Object.values(PREFIXES).map(
        (prefix) => `select ${columns.join(', ')} from ${quoteName(`${prefix}${layer}`)}.${quoteName(table)}`,
      );
      const { rows } = await client.query<{ extra: string; lost: string }>(
        `select (select count(*) from (${here ?? ''} except all ${there ?? ''}) as e) as extra,
                (select count(*) from (${there ?? ''} except all ${here ?? ''}) as l) as lost`,
      );
      const { extra = '0', lost = '0' } = rows[0] ?? {};
      if (extra !== '0' || lost !== '0')
        wrong.push(`${name} in PostgreSQL: ${extra} unexpected rows, ${lost} missing rows`);
    }
    return { wrong, tables: own.length };
  } finally {
    await client.end();
  }
}
