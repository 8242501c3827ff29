import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { startEmbedded } from '../../fake-api/start.js';
import { findDefinition } from '../../src/project.js';
import { startCanaryProxy } from '../support/canary-proxy.js';
import { scanForCanaries } from '../support/canary.js';
import { type Environment, makeSandbox, type Sandbox } from '../support/cli.js';
import { createPlanter, type Planter } from '../support/plant-canaries.js';
import { listShipped, nameDate } from '../support/shipped.js';
import { readTree } from './lake-tree.js';
import { lookAtPages } from './look-at-pages.js';
import { openHere } from './open-here.js';
import { runHere } from './run-here.js';

const DATE = '2026-03-01';
const LATER = '2026-03-02';
const DRIFTED = { drift: true, halve: false };
const ENVIRONMENT: Environment = { LOG_LEVEL: 'debug', RECORDS: '2000' };
const ALL_ZONES = ['raw', 'ledger', 'quarantine'];

interface Scene {
  readonly pipeline: string;
  readonly sandbox: Sandbox;
  readonly planter: Planter;
  readonly date: string;
  /** For whatever asks the source. */
  readonly asking: readonly string[];
}

vi.setConfig({ testTimeout: 240_000 });

describe('canaries in every leaf that may not show', () => {
  it.each(listShipped())('are nowhere, whatever is done with them: %s', async (pipeline) => {
    const sandbox = await makeSandbox(undefined, pipeline);
    const embedded = await startEmbedded();
    const definition = findDefinition(await openHere(sandbox), pipeline);
    const planter = createPlanter(definition);
    const proxy = await startCanaryProxy(embedded.url, (address, body) =>
      planter.plant(address, body, DRIFTED),
    );
    const scene: Scene = {
      ...{ pipeline, sandbox, planter },
      date: nameDate(definition, DATE, '13'),
      asking: ['--source', proxy.url, '--as-of-now', '--json'],
    };
    try {
      await land(scene);
      await askEverything(scene);
      await look(scene, proxy.url);
      await backfill(scene);
      await prune(scene);
    } finally {
      await Promise.all([proxy.close(), embedded.close()]);
      await sandbox.remove();
    }
  });
});

interface RunDocument {
  readonly datasets: readonly Readonly<
    Record<'fetched' | 'landed' | 'rejected' | 'duplicates' | 'forgotten', number> & { drift: unknown[] }
  >[];
}

async function land({ sandbox, planter, pipeline, date, asking }: Scene): Promise<void> {
  const ended = await sandbox.run(['run', pipeline, '--date', date, ...asking], ENVIRONMENT);
  expect(ended.stderr).not.toContain('E_');
  expect(ended).toMatchObject({ exit: 0 });
  const { datasets } = JSON.parse(ended.stdout) as RunDocument;
  expect(datasets).not.toEqual([]);
  for (const { fetched, landed, rejected, duplicates, forgotten } of datasets) {
    expect(landed).toBeGreaterThan(0);
    expect(fetched).toBe(landed + rejected + duplicates + forgotten);
  }
  expect(JSON.stringify(datasets)).toContain('new_field');
  expect(planter.countPlanted()).toBeGreaterThan(100);
  expect(planter.listBare()).toEqual([]);
  expect(await scanForCanaries([sandbox.root], { ...ended })).toEqual([]);
  expect(await readTree(join(sandbox.lake, '_staging'))).toEqual({});
  expect(await readTree(join(sandbox.root, 'tmp'))).toEqual({});
}

async function askEverything({ sandbox, pipeline }: Scene): Promise<void> {
  const listed = await runHere(sandbox, ['models', pipeline, '--json'], ENVIRONMENT);
  const { models } = JSON.parse(listed.stdout) as { models: readonly { readonly model: string }[] };
  expect(models).not.toEqual([]);
  const commands = [
    ...models.flatMap(({ model }) => [
      `export ${pipeline} ${model} --with-tokens --format json --out ${join(sandbox.root, 'tables')}`,
      `query from|${model} --json`,
    ]),
    `check ${pipeline} --date ${DATE}`,
    `check ${pipeline} --json`,
    `report ${pipeline}`,
    `report ${pipeline} --json`,
    `export ${pipeline}`,
    `export ${pipeline} --format parquet --out ${join(sandbox.root, 'reports')}`,
    `publish --out ${join(sandbox.root, 'site')}`,
    `publish --single-file --out ${join(sandbox.root, 'site.html')}`,
    `models ${pipeline}`,
    `explain ${pipeline}`,
    `explain ${pipeline} --json`,
    `test ${pipeline}`,
    `transform ${pipeline} --all`,
    `transform ${pipeline} --json`,
    `init-db ${pipeline}`,
    `backfill ${pipeline} --from ${LATER} --to ${LATER} --as-of-now --dry-run`,
    `status ${pipeline} --json`,
    'runs --json',
    'verify --json',
    'doctor --json',
    'query from|ops.runs --json',
    'query from|ops.partitions',
  ];
  const outputs: Record<string, string> = { models: listed.stdout + listed.stderr };
  for (const command of commands) {
    const words = command.split(' ').map((word) => word.replace('|', ' '));
    const end = await runHere(sandbox, words, ENVIRONMENT);
    expect(end.exit, `${command}: ${end.stdout}${end.stderr}`).toBe(0);
    expect(end.stdout.length, command).toBeGreaterThan(20);
    outputs[command] = `${end.stdout}\n${end.stderr}`;
  }
  expect(await scanForCanaries([sandbox.root], outputs)).toEqual([]);
}

/** On the dashboard, whose button runs the date once more. */
async function look({ sandbox, pipeline, planter }: Scene, source: string): Promise<void> {
  const planted = planter.countPlanted();
  const told = await lookAtPages(sandbox, pipeline, { source, date: DATE });
  expect(planter.countPlanted()).toBeGreaterThan(planted);
  expect(await scanForCanaries([sandbox.root], told)).toEqual([]);
}

async function backfill({ sandbox, pipeline, asking }: Scene): Promise<void> {
  const range = ['--from', LATER, '--to', LATER];
  const filled = await runHere(sandbox, ['backfill', pipeline, ...range, ...asking], ENVIRONMENT);
  expect(filled.exit, filled.stdout).toBe(0);
  expect(await readTree(dayOf(sandbox, LATER))).not.toEqual({});
}

/** Also of a pipeline with models that will not let go of raw files: then what else there is to prune. */
async function prune({ sandbox, pipeline }: Scene): Promise<void> {
  const ask = (zones: readonly string[], ...more: string[]) => {
    const what = zones.flatMap((zone) => ['--what', zone]);
    return sandbox.run(['prune', pipeline, '--older-than', '7d', ...what, '--json', ...more], ENVIRONMENT);
  };
  const planned = await ask(ALL_ZONES);
  const mayPrune = planned.exit === 0;
  const pruned = await ask(mayPrune ? ALL_ZONES : ['ledger', 'quarantine'], '--yes');
  expect(pruned, pruned.stderr).toMatchObject({ exit: 0 });
  expect(Object.keys(await readTree(dayOf(sandbox, DATE))).length > 0).toBe(!mayPrune);
  const built = await runHere(sandbox, ['transform', pipeline, '--all'], ENVIRONMENT);
  expect(built.exit, built.stderr).toBe(0);
  expect(await runHere(sandbox, ['verify'])).toMatchObject({ exit: 0 });
  const outputs = Object.entries({ planned, pruned, built }).map(
    ([name, { stdout, stderr }]) => [name, stdout + stderr] as const,
  );
  expect(await scanForCanaries([sandbox.root], Object.fromEntries(outputs))).toEqual([]);
}

function dayOf({ lake }: Sandbox, date: string): string {
  return join(lake, 'raw', ...date.split('-'));
}
