import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assertArrived } from '../../src/lake/archive.js';
import { readArrivals } from '../support/commit-prepared.js';
import { start } from '../support/kill-harness.js';
import { commitProgram, expectTidy, mend, NEW_RUN, take, useScenario } from './kill-scenario.js';
import { copyLake, makeTempFolder } from './lake-fixture.js';

const scenario = useScenario();
const FILES = ['a.csv', 'b.csv'];

async function makeProject(): Promise<string> {
  const project = await makeTempFolder();
  await mkdir(join(project, 'data/incoming'), { recursive: true });
  for (const name of FILES) await writeFile(join(project, 'data/incoming', name), `of ${name}`);
  return project;
}

const list = async (project: string, folder: string): Promise<string[]> =>
  (await readdir(join(project, 'data', folder)).catch(() => [])).sort();

describe('files that a commit archives', () => {
  it('are all in place or all archived, wherever it is killed', async () => {
    const { before, incoming, old, wanted, steps } = scenario;
    const committed = steps.indexOf('wrote the intent');
    // The last steps are two of the archive, the receipt, and the intent.
    const count = steps.length + FILES.length;
    const chosen = [committed - 1, committed, count - 5, count - 4, count - 3, count - 1];
    await Promise.all(
      chosen.map(async (step) => {
        const [root, project] = [await copyLake(before), await makeProject()];
        const { ended } = start(commitProgram(root, incoming, step, { projectDir: project }));
        expect(await ended).toMatchObject({ signal: 'SIGKILL' });
        const isWhole = step >= committed;
        expect(await mend(root, project)).toEqual(isWhole && step < count - 1 ? [NEW_RUN] : []);
        expect(await take(root)).toEqual(isWhole ? wanted : old);
        expect(await list(project, 'incoming')).toEqual(isWhole ? [] : FILES);
        expect(await list(project, 'archive/2025-10-20')).toEqual(isWhole ? FILES : []);
        await expectTidy(root);
      }),
    );
  });

  it('leave a new file of the same name where it is, if they were archived before', async () => {
    const { before, incoming, steps } = scenario;
    const [root, project] = [await copyLake(before), await makeProject()];
    const program = commitProgram(root, incoming, steps.length - 2, { projectDir: project });
    await start(program).ended;
    expect(await list(project, 'archive/2025-10-20')).toContain('a.csv');
    await writeFile(join(project, 'data/incoming/a.csv'), 'new');
    await mend(root, project);
    expect(await list(project, 'incoming')).toEqual(['a.csv']);
    expect(await readFile(join(project, 'data/archive/2025-10-20/a.csv'), 'utf8')).toBe('of a.csv');
  });

  it.each([
    ['changed', (path: string) => writeFile(path, 'of a.csv and more')],
    [
      'were replaced',
      (path: string) => writeFile(`${path}.new`, 'of a.csv').then(() => rename(`${path}.new`, path)),
    ],
    ['were taken by another run', (path: string) => rename(path, `${path}.gone`)],
  ])('stop the commit if they %s since they were read', async (_, change) => {
    const project = await makeProject();
    const arrivals = await readArrivals(project);
    await expect(assertArrived(project, arrivals)).resolves.toBeUndefined();
    await change(join(project, 'data/incoming/a.csv'));
    await expect(assertArrived(project, arrivals)).rejects.toMatchObject({ code: 'E_DISK_READ', exit: 6 });
  });
});
