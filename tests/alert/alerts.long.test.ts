import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSampleProject, type SampleProject } from '../commands/sample-project.js';
import { startWebhook, type Webhook } from '../support/receivers.js';

/** Alerts of real runs, as a webhook gets them. */

const DATE = '2024-02-28';
const DOWN = ['--source', 'http://127.0.0.1:1'];

let project: SampleProject;
let webhook: Webhook;
beforeEach(async () => {
  project = makeSampleProject();
  webhook = await startWebhook();
  setEnvironment({ ALERT_WEBHOOK_URL: webhook.url, RETRIES: '0', RECORDS: '50' });
});
afterEach(async () => {
  for (const name of ['ALERT_WEBHOOK_URL', 'ALERT_ON']) Reflect.deleteProperty(process.env, name);
  await webhook.close();
  project.remove();
});

function setEnvironment(variables: Readonly<Record<string, string>>): void {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(project.dir, '.env'), lines.join(''), { mode: 0o600 });
}

const edit = (change: (yaml: string) => string): void => {
  const file = join(project.dir, 'pipelines/persons.yaml');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
};

const titles = (): string[] => webhook.bodies.map((body) => (JSON.parse(body) as { text: string }).text);

describe('a broken source', () => {
  it('makes one alert, and one that says it is over, and the ledger has both', async () => {
    for (let index = 0; index < 3; index++)
      expect((await project.ask('run', 'persons', '--date', DATE, ...DOWN)).exit).toBe(3);
    expect(titles()).toEqual([expect.stringContaining(`1 problem: persons, ${DATE}`)]);
    expect(webhook.bodies[0]).toContain('cannot connect to the source');
    expect((await project.ask('run', 'persons', '--date', DATE)).exit).toBe(0);
    await project.ask('run', 'persons', '--date', DATE, '--force');
    expect(titles().slice(1)).toEqual([expect.stringContaining(`Resolved: persons, ${DATE}`)]);
    const { document } = await project.ask('runs', '--limit', '100');
    const { runs } = document as { runs: { command: string; alerts?: object[] }[] };
    expect(runs.filter(({ command }) => command === 'alert').flatMap(({ alerts }) => alerts)).toMatchObject([
      { state: 'resolved', code: 'E_SOURCE_CONNECT', date: DATE, channels: ['webhook'] },
      { state: 'opened', code: 'E_SOURCE_CONNECT', date: DATE, channels: ['webhook'] },
    ]);
  });

  it('makes an alert for each date, and a success of another date ends none', async () => {
    await project.ask('ingest', 'persons', '--date', DATE, ...DOWN);
    await project.ask('ingest', 'persons', '--date', '2024-02-27', ...DOWN);
    await project.ask('ingest', 'persons', '--date', '2024-02-26');
    expect(titles()).toEqual([expect.stringContaining(DATE), expect.stringContaining('2024-02-27')]);
  });

  it('is sent by the next command if the webhook was down, and never changes how a run ends', async () => {
    webhook.answers.push(404);
    const failed = await project.run('ingest', 'persons', '--date', DATE, ...DOWN);
    expect(failed).toMatchObject({ exit: 3 });
    expect(failed.stderr).toContain('alert_not_sent');
    expect(failed.stderr).not.toContain('kanary');
    const { exit, document } = await project.ask('alert');
    expect(exit).toBe(0);
    expect(document).toMatchObject({
      problems: [{ pipeline: 'persons', date: DATE, code: 'E_SOURCE_CONNECT' }],
      sent: [{ state: 'opened' }],
      channels: [{ channel: 'webhook', problem: null }],
    });
    expect(webhook.bodies).toHaveLength(2);
    expect(await project.ask('alert')).toMatchObject({ document: { sent: [] } });
    expect(webhook.bodies).toHaveLength(2);
  });

  it('is not sent where ALERT_ON leaves failures out', async () => {
    process.env['ALERT_ON'] = 'drift, leak';
    await project.ask('ingest', 'persons', '--date', DATE, ...DOWN);
    expect(webhook.bodies).toEqual([]);
  });
});

it('a definition that does not load is an alert too, and is over when it runs', async () => {
  edit((yaml) => yaml.replace('pipeline: persons', 'pipeline: persons\nkanary: 1'));
  expect((await project.ask('run', 'persons', '--date', DATE)).exit).toBe(2);
  edit((yaml) => yaml.replace('\nkanary: 1', ''));
  expect((await project.ask('run', 'persons', '--date', DATE)).exit).toBe(0);
  expect(titles()).toEqual([
    expect.stringMatching(/1 problem: persons$/),
    expect.stringMatching(/Resolved: persons$/),
  ]);
});

it('warned checks and volume are alerts of their own, and are over when the newest date passes', async () => {
  edit((yaml) =>
    yaml
      .replace(/^( +)landing:$/m, '$1volume: { min: 60 }\n$1landing:')
      .replace(
        /^( +)checks:$/m,
        '$1checks:\n$1  - { check: range, severity: warn, column: birthday, min: "2100-01-01" }',
      ),
  );
  mkdirSync(join(project.dir, 'sql/persons/checks'), { recursive: true });
  const check = join(project.dir, 'sql/persons/checks/no_rows.sql');
  writeFileSync(check, '-- severity: warn\nselect 1 as wrong\n');
  expect((await project.ask('run', 'persons', '--date', DATE)).exit).toBe(0);
  const [body = ''] = webhook.bodies;
  expect(body).toContain('check persons.volume.min found 50 rows on 2024-02-28');
  expect(body).toContain('check no_rows found 1 row');
  expect(webhook.bodies).toHaveLength(1);
  writeFileSync(check, '-- severity: warn\nselect 1 as wrong where false\n');
  setEnvironment({ ALERT_WEBHOOK_URL: webhook.url, RECORDS: '80' });
  expect((await project.ask('run', 'persons', '--date', '2024-02-29')).exit).toBe(0);
  expect(titles()[1]).toMatch(/esolved: /);
});

it('--test sends by every channel, and says which one did not take it', async () => {
  expect(await project.ask('alert', '--test')).toMatchObject({
    exit: 0,
    document: { channels: [{ channel: 'webhook', problem: null }] },
  });
  expect(webhook.bodies[0]).toContain('this is a test of the alerts');
  expect(titles()).toEqual([expect.stringMatching(/: test of the alerts$/)]);
  webhook.answers.push(410);
  expect(await project.ask('alert', '--test')).toMatchObject({
    exit: 3,
    document: { error: { code: 'E_ALERT', message: 'an alert could not be sent (webhook: status 410)' } },
  });
  setEnvironment({});
  expect(await project.ask('alert', '--test')).toMatchObject({
    exit: 2,
    document: { error: { code: 'E_USAGE' } },
  });
});
