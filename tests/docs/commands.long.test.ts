import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbedded } from '../../fake-api/start.js';
import { closeAfterTest } from '../support/after-each.js';
import { buildOnce } from '../support/cli.js';
import { findFreePort } from '../support/postgres.js';
import { startStubApi, type StubApi } from '../support/stub-api.js';
import { answerAsOf, answerExample, SETUPS } from './page-setups.js';
import { readPage, ROOT } from './pages.js';
import { runPage, type Stands } from './run-page.js';
import { openShell } from './shell.js';

describe('the commands of a page work, and print what it shows (`--update` writes that)', () => {
  let example: StubApi;
  let faker: Awaited<ReturnType<typeof startEmbedded>>;
  beforeAll(async () => {
    await buildOnce();
    example = await startStubApi(answerExample);
    faker = await startEmbedded();
  });
  afterAll(async () => {
    await faker.close();
    await example.close();
  });

  /** Servers on this machine in place of others, and folders and ports of the test. */
  async function standIns(folder: string): Promise<Stands> {
    return new Map([
      ['https://api.example.org', example.url],
      ['https://id.example.org', example.url],
      ['https://fakerapi.it', faker.url],
      ['192.168.1.20', '127.0.0.1'],
      ['/var/lib/node_exporter', folder],
      ['/srv/www', folder],
      ['8080', String(await findFreePort())],
      ['8502', String(await findFreePort())],
      ['9000', String(await findFreePort())],
    ]);
  }

  /** Where the pipelines of snapshots find the bundled server. */
  async function openSnapshots(date: string | undefined): Promise<Readonly<Record<string, string>>> {
    if (date === undefined) return {};
    const { url, close } = await startStubApi(answerAsOf(faker.url, date));
    closeAfterTest(close);
    return { STORE_API_URL: url, DIRECTORY_API_URL: url };
  }

  it.each([...SETUPS])(
    '%s',
    async (file, { environment, files = new Map<string, string>(), before = '', isOn }) => {
      const urls = { VISITS_API_URL: `${example.url}/v1`, ...(await openSnapshots(isOn)) };
      const shell = await openShell({ ...urls, ...environment }, files);
      closeAfterTest(() => shell.close());
      expect(await shell.run(before)).toMatchObject({ code: 0 });
      const { failed, text } = await runPage(readPage(file), shell, await standIns(shell.outside));
      expect(failed).toEqual([]);
      await expect(text).toMatchFileSnapshot(join(ROOT, file));
    },
  );
});
