import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeSampleProject, type SampleProject } from '../commands/sample-project.js';
import { nameChildRun, type RunEvent } from '../../src/openlineage/event.js';
import { type Ended, start as startProgram } from '../support/kill-harness.js';
import { makeShippedProject, type ShippedProject } from '../pipelines/shipped-project.js';
import { listEdges, openSpecification, readEvents } from '../support/openlineage.js';
import { listShipped } from '../support/shipped.js';
import { json, startStubApi, type StubApi } from '../support/stub-api.js';

const findProblems = openSpecification();

function setVariables(variables: Readonly<Record<string, string>>): () => void {
  Object.assign(process.env, variables);
  return () => {
    for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name);
  };
}

/** `COMPLETE persons.run` of each event. */
function listSteps(events: readonly RunEvent[]): string[] {
  return events.map(({ eventType, job }) => `${eventType} ${job.name}`);
}

function findEvent(events: readonly RunEvent[], type: string, job: string): RunEvent {
  const event = events.find((one) => one.eventType === type && one.job.name === job);
  if (event === undefined) throw new Error(`no ${type} of ${job}: ${listSteps(events).join(', ')}`);
  return event;
}

describe('the events of all shipped pipelines', () => {
  let project: ShippedProject;
  let receiver: StubApi;
  let file: string;
  let restore: () => void;
  let events: RunEvent[];

  beforeAll(async () => {
    project = makeShippedProject(['pipelines', 'sql']);
    receiver = await startStubApi(() => json({}, {}, 201));
    file = join(project.lake, '..', 'lineage', 'events.jsonl');
    restore = setVariables({
      LINEAGE_FILE: 'lineage/events.jsonl',
      OPENLINEAGE_URL: receiver.url,
      OPENLINEAGE_API_KEY: 'canary-api-key',
      RECORDS: '300',
    });
    for (const name of listShipped()) await project.ask('run', name);
    events = readEvents(file);
  });
  afterAll(async () => {
    restore();
    await receiver.close();
    project.remove();
  });

  it.skipIf(findProblems === null)('are valid by the published schemas', () => {
    expect(events.length).toBeGreaterThan(100);
    expect(events.flatMap((event) => findProblems?.(event) ?? [])).toEqual([]);
  });

  it('show which column of a table is made of which field of a record, and whether it is masked', () => {
    const edges = listEdges(events);
    expect(edges).toContain('email → silver.persons_anonymized.email, masked');
    expect(edges).toContain('address.city → silver.persons_anonymized.city');
    const landed = join(project.lake, 'raw', 'persons');
    expect(edges).toContain(`email → ${landed}.email, masked`);
    expect(edges).toContain(`address.city → ${landed}.city`);
    // From a table to the next one nothing is masked any more, and from the record to it the mask stays.
    expect(edges).toContain('email → silver.users.email_provider, masked');
    expect(edges).toContain('email → gold.customer_activity.email_provider, masked');
    expect(edges).toContain('email_provider → gold.customer_activity.email_provider');
    // What decides the rows.
    expect(edges).toContain('id ⇢ gold.customer_activity, masked');
    expect(edges).toContain('user_token ⇢ gold.customer_activity');
  });

  describe('and the commands of the docs', () => {
    const docs = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');

    /** Runs the block that begins with a program; null where the program is not installed. */
    async function runBlock(start: RegExp, change = (text: string) => text): Promise<Ended | null> {
      const [, text = ''] = new RegExp(`^\`\`\`sh\\n(${start.source}.*?)^\`\`\`$`, 'ms').exec(docs) ?? [];
      expect(text).not.toBe('');
      const program = text.includes('curl') ? 'curl' : 'jq';
      if (spawnSync(program, ['--version']).status !== 0) {
        if (process.env['REQUIRE_INTEGRATION'] === '1') throw new Error(`${program} is not installed`);
        return null;
      }
      const cwd = join(project.lake, '..');
      return startProgram({ command: 'sh', args: ['-c', change(text)], cwd }).ended;
    }

    it('print them as edges (jq)', async (test) => {
      const ended = await runBlock(/jq -r/);
      if (ended === null) return test.skip('jq is not installed');
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(ended.stdout.split('\n')).toContain('email → silver.persons_anonymized.email, masked');
    });

    it('send them again, each as it is (curl)', async (test) => {
      const later = await startStubApi(() => json({}, {}, 201));
      const ended = await runBlock(/while read/, (text) => text.replace('http://127.0.0.1:5000', later.url));
      await later.close();
      if (ended === null) return test.skip('curl is not installed');
      expect(ended).toMatchObject({ code: 0 });
      const sent = later.requests.map(({ body }) => JSON.parse(body) as unknown);
      expect(sent).toEqual(events);
    });
  });

  it('begin with START and end once, for each run, stage and table, and each knows its parent', () => {
    const ends = new Map<string, string[]>();
    for (const { eventType, run } of events) ends.set(run.runId, [...(ends.get(run.runId) ?? []), eventType]);
    expect(new Set([...ends.values()].map((types) => types.join()))).toEqual(new Set(['START,COMPLETE']));
    const run = findEvent(events, 'COMPLETE', 'persons.run').run.runId;
    const transform = findEvent(events, 'COMPLETE', 'persons.stage.transform');
    const model = findEvent(events, 'COMPLETE', 'persons.model.silver.persons_anonymized');
    expect(transform.run.runId).toBe(nameChildRun(run, 'transform'));
    expect(transform.run.facets['parent']).toMatchObject({
      run: { runId: run },
      job: { name: 'persons.run' },
    });
    expect(model.run.facets['parent']).toMatchObject({
      run: { runId: transform.run.runId },
      root: { run: { runId: run }, job: { name: 'persons.run' } },
    });
    const timeOf = (type: string, job: string) => findEvent(events, type, job).eventTime;
    expect(
      timeOf('COMPLETE', 'persons.stage.land.persons') <= timeOf('START', 'persons.stage.transform'),
    ).toBe(true);
    expect(timeOf('START', 'persons.run') <= timeOf('START', 'persons.stage.fetch.persons')).toBe(true);
    expect(events.at(-1)?.job.name).toMatch(/\.run$/);
  });

  it('say how much was read and written, what was checked, and for which date', () => {
    const land = findEvent(events, 'COMPLETE', 'persons.stage.land.persons');
    expect(land.inputs[0]).toMatchObject({
      namespace: 'lakeveil://embedded',
      name: '/api/v2/persons',
      inputFacets: { inputStatistics: { rowCount: 300 } },
    });
    expect(land.outputs[0]?.outputFacets?.['outputStatistics']).toMatchObject({
      rowCount: 300,
      fileCount: 1,
    });
    const [table] = findEvent(events, 'COMPLETE', 'persons.model.silver.persons_anonymized').outputs;
    expect(table?.outputFacets?.['outputStatistics']).toMatchObject({ rowCount: 300 });
    const checks = findEvent(events, 'COMPLETE', 'store.checks').inputs;
    const carts = checks.find(({ name }) => name.endsWith('/raw/store_carts'));
    expect(carts?.inputFacets?.['dataQualityAssertions']).toMatchObject({
      assertions: expect.arrayContaining([
        expect.objectContaining({
          assertion: 'references',
          column: 'user_token',
          success: false,
          severity: 'warn',
        }),
      ]) as unknown,
    });
    const { nominalStartTime } = land.run.facets['nominalTime'] ?? {};
    expect(nominalStartTime).toMatch(/^\d{4}-\d{2}-\d{2}T00:00:00\.000Z$/);
  });

  it('show the SQL of a table without its constants', () => {
    const { sql } = findEvent(events, 'COMPLETE', 'persons.model.silver.persons_anonymized').job.facets;
    expect(sql?.['query']).toContain('from bronze.persons');
    expect(sql?.['query']).toContain('when age >= ? then ?');
    expect(sql?.['query']).not.toMatch(/'|--|\b90\b/);
  });

  it('arrive at the endpoint, each run’s in their order, with the key in the header alone', () => {
    const received = receiver.requests.map(({ body }) => JSON.parse(body) as RunEvent);
    const inOrder = (list: readonly RunEvent[]) =>
      list.map((event) => JSON.stringify(event)).toSorted((a, b) => (a < b ? -1 : 1));
    expect(inOrder(received)).toEqual(inOrder(events));
    const begun = new Set<string>();
    for (const { eventType, run } of received) {
      if (eventType === 'START') begun.add(run.runId);
      else expect(begun.has(run.runId)).toBe(true);
    }
    expect(
      new Set(receiver.requests.map(({ path, headers }) => `${path} ${headers.authorization ?? ''}`)),
    ).toEqual(new Set(['/api/v1/lineage Bearer canary-api-key']));
    expect(readFileSync(file, 'utf8')).not.toContain('canary-api-key');
  });
});

describe('the events of runs that fail', () => {
  let project: SampleProject;
  let restore: () => void;
  let file: string;

  beforeAll(async () => {
    project = makeSampleProject();
    file = join(project.dir, 'lineage.jsonl');
    restore = setVariables({ LINEAGE_FILE: 'lineage.jsonl', RECORDS: '50', RETRIES: '0' });
    expect((await project.run('run', 'persons', '--quiet')).exit).toBe(0);
  });
  afterAll(() => {
    restore();
    project.remove();
  });
  beforeEach(() => {
    rmSync(file, { force: true });
  });

  const expectValid = (events: readonly RunEvent[]) => {
    if (findProblems !== null) expect(events.flatMap(findProblems)).toEqual([]);
  };

  it('name the stage, the code and the remedy of a source that is down', async () => {
    const ended = await project.run(
      'ingest',
      'persons',
      '--force',
      '--source',
      'http://127.0.0.1:1',
      '--quiet',
    );
    expect(ended.exit).toBe(3);
    const events = readEvents(file);
    expectValid(events);
    expect(listSteps(events)).toEqual([
      'START persons.ingest',
      'START persons.stage.fetch.persons',
      'FAIL persons.stage.fetch.persons',
      'FAIL persons.ingest',
    ]);
    expect(events.at(-1)?.run.facets['errorMessage']).toMatchObject({
      message: expect.stringMatching(/^E_SOURCE_CONNECT: check that the API/) as unknown,
      programmingLanguage: 'TypeScript',
    });
    expect(events.at(-1)?.run.facets['errorMessage']).not.toHaveProperty('stackTrace');
  });

  it('say which check failed, and that what had landed stays', async () => {
    const check = join(project.dir, 'sql/persons/checks/no_people.sql');
    mkdirSync(join(check, '..'), { recursive: true });
    writeFileSync(
      check,
      '-- severity: error\n-- description: d\nselect gender from silver.persons_anonymized\n',
    );
    try {
      expect((await project.run('transform', '--all', '--quiet')).exit).toBe(4);
    } finally {
      rmSync(check);
    }
    const events = readEvents(file);
    expectValid(events);
    expect(listSteps(events)).toEqual([
      'START *.transform',
      'START *.stage.transform',
      'START *.checks',
      'FAIL *.stage.transform',
      'FAIL *.checks',
      'FAIL *.transform',
    ]);
    const [table] = findEvent(events, 'FAIL', '*.checks').inputs;
    expect(table?.name).toBe('silver.persons_anonymized');
    expect(table?.inputFacets?.['dataQualityAssertions']).toMatchObject({
      assertions: expect.arrayContaining([
        expect.objectContaining({ name: 'no_people', success: false, severity: 'error', actual: '50' }),
      ]) as unknown,
    });
    expect(events.at(-1)?.run.facets['errorMessage']).toMatchObject({
      message: expect.stringMatching(/^E_CHECK_FAILED: /) as unknown,
    });
  });

  it('name the table whose SQL failed, without a value', async () => {
    const model = join(project.dir, 'sql/persons/silver/numbers.sql');
    writeFileSync(
      model,
      "-- description: d\n-- materialize: table\nselect cast(country || 'canary-text' as integer) as number from bronze.persons\n",
    );
    try {
      expect((await project.run('transform', '--all', '--quiet')).exit).not.toBe(0);
    } finally {
      rmSync(model);
    }
    const events = readEvents(file);
    expectValid(events);
    expect(listSteps(events)).toContain('FAIL persons.model.silver.numbers');
    const failed = findEvent(events, 'FAIL', 'persons.model.silver.numbers');
    expect(failed.outputs).toEqual([]);
    expect(failed.job.facets['sql']).toMatchObject({
      query: expect.stringContaining('country || ?') as unknown,
    });
    expect(readFileSync(file, 'utf8')).not.toContain('canary-text');
  });
});
