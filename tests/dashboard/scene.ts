import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { runHere } from '../canary/run-here.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { openDashboard, type OpenDashboard } from './open-dashboard.js';

/** The only landed date, and the time of the tests. */
export const DATE = '2026-03-01';
export const NOW = '2026-03-02T12:00:00Z';
export const PATHS = [
  '/',
  '/pipelines/persons',
  '/runs',
  '/privacy/persons',
  '/lake/persons',
  '/assets/client.js',
];

/** A report whose values are markup and control characters. */
export const HOSTILE = `-- title: Hostile
-- chart: bar x=city y=people
-- people: none because it reads no table
select '<script>alert("kanary")</script>' as city, 3 as people
union all select chr(27) || '[31mred' || chr(8238) || 'gnp', 2
union all select '</table><img src=x onerror=alert(1)>', 1
order by people desc
`;

export interface Scene {
  sandbox: Sandbox;
  dashboard: OpenDashboard;
  /** Opens another dashboard of the same project; the caller stops it. */
  readonly open: (more?: Parameters<typeof openDashboard>[1]) => Promise<OpenDashboard>;
  readonly get: (path: string) => ReturnType<OpenDashboard['ask']>;
  readonly listLedger: () => string[];
}

/** A project with one landed date of `persons` and a dashboard, shared by all tests of a file. */
export function useScene(): Scene {
  const scene = {
    open: (more = {}) => openDashboard(scene.sandbox, { now: NOW, ...more }),
    get: async (path) => scene.dashboard.ask(path, { headers: { cookie: await scene.dashboard.enter() } }),
    listLedger: () =>
      readdirSync(join(scene.sandbox.lake, '_runs'), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.json'))
        .sort(),
  } as Scene;
  beforeAll(async () => {
    scene.sandbox = await makeSandbox();
    writeFileSync(join(scene.sandbox.project, 'sql/persons/reports/hostile.sql'), HOSTILE);
    const landed = await runHere(scene.sandbox, ['run', 'persons', '--date', DATE, '--json'], {
      RECORDS: '300',
    });
    expect(landed.exit, landed.stdout + landed.stderr).toBe(0);
    scene.dashboard = await openDashboard(scene.sandbox, { now: NOW });
  });
  afterAll(async () => {
    await scene.dashboard.stop();
    await scene.sandbox.remove();
  });
  return scene;
}
