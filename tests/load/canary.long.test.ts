import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../canary/run-here.js';
import { land, withScene } from '../canary/shipped-scene.js';
import { closeAfterTest } from '../support/after-each.js';
import { scanForCanaries } from '../support/canary.js';
import { findPostgres, type Postgres, startPostgres } from '../support/postgres.js';
import { askServer } from './postgres-subject.js';

const isThere = findPostgres() !== null;
let server: Postgres;
beforeAll(async () => {
  if (isThere) server = await startPostgres();
});
afterAll(async () => {
  if (isThere) await server.stop();
});

const TARGETS = `targets:
  file: { type: sqlite, path: t.sqlite, tokens: true }
  server: { type: postgres, url: '\${WAREHOUSE_URL}', tokens: true }
`;

/** All that a server wrote: tables, its write-ahead log, and its log of every statement. */
async function scanServer(one: Postgres): Promise<{ readonly where: string }[]> {
  await askServer(one, 'postgres', 'checkpoint');
  return scanForCanaries([one.dataDir, one.logFile]);
}

describe.runIf(isThere)('canaries of a source', () => {
  it.each(['persons', 'shop'])('of %s are in no target', async (pipeline) => {
    await askServer(server, 'postgres', `create database ${pipeline}`);
    await withScene(pipeline, 300, async (scene) => {
      await land(scene);
      const { sandbox } = scene;
      await writeFile(join(sandbox.project, 'targets.yaml'), TARGETS);
      const environment = { ...scene.environment, WAREHOUSE_URL: server.url(pipeline) };
      for (const target of ['file', 'server']) {
        const ended = await runHere(sandbox, ['load', '--to', target, '--json'], environment);
        expect(ended).toMatchObject({ exit: 0 });
        const { rows } = JSON.parse(ended.stdout) as { readonly rows: number };
        expect(rows).toBeGreaterThan(200);
        expect(`${ended.stdout}${ended.stderr}`).not.toContain(server.password);
        expect(await scanForCanaries([sandbox.root], { ...ended })).toEqual([]);
      }
      const wrong = environment.WAREHOUSE_URL.replace(server.password, 'Kanaryfirst');
      const refused = await runHere(sandbox, ['load', '--to', 'server'], {
        ...environment,
        WAREHOUSE_URL: wrong,
      });
      expect(refused.exit).toBe(2);
      expect(await scanForCanaries([sandbox.root], { ...refused })).toEqual([]);
    });
    expect(await scanServer(server)).toEqual([]);
  });

  it('would be found in a table, in the write-ahead log and in the log of the server', async () => {
    const other = await startPostgres();
    closeAfterTest(() => other.stop());
    await askServer(other, 'postgres', `create table needle as select 'Kanaryfirst' as name`);
    const found = await scanServer(other);
    for (const place of [/\/base\//, /\/pg_wal\//, /server\.log/])
      expect(found.filter(({ where }) => place.test(where))).not.toEqual([]);
  });
});
