import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NEEDLES } from '../support/canary-people.js';
import { scanForCanaries } from '../support/canary.js';
import type { Sandbox } from '../support/cli.js';
import { listShipped } from '../support/shipped.js';
import { readTree } from './lake-tree.js';
import { lookAtPages } from './look-at-pages.js';
import { runHere } from './run-here.js';
import { DATE, land, type Scene, withScene } from './shipped-scene.js';

const LATER = '2026-03-02';
const ALL_ZONES = ['raw', 'ledger', 'quarantine'];

describe('canaries in every leaf that may not show', () => {
  it.each(listShipped())('are nowhere, whatever is done with them: %s', async (pipeline) => {
    await withScene(pipeline, 2000, async (scene) => {
      await land(scene, ({ run }, ...said) => run(...said));
      await askEverything(scene);
      await searchForLeaks(scene);
      await look(scene);
      await backfill(scene);
      await prune(scene);
    });
  });
});

async function askEverything({ sandbox, pipeline, environment }: Scene): Promise<void> {
  const listed = await runHere(sandbox, ['models', pipeline, '--json'], environment);
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
    'logs',
    'logs --json',
    'metrics',
    'verify --json',
    'doctor --json',
    'query from|ops.runs --json',
    'query from|ops.partitions',
  ];
  const outputs: Record<string, string> = { models: listed.stdout + listed.stderr };
  for (const command of commands) {
    const words = command.split(' ').map((word) => word.replace('|', ' '));
    const end = await runHere(sandbox, words, environment);
    expect(end.exit, `${command}: ${end.stdout}${end.stderr}`).toBe(0);
    expect(end.stdout.length, command).toBeGreaterThan(20);
    outputs[command] = `${end.stdout}\n${end.stderr}`;
  }
  expect(await scanForCanaries([sandbox.root], outputs)).toEqual([]);
}

/** By the command that users have, which knows what was planted from a file of its own. */
async function searchForLeaks({ sandbox, environment }: Scene): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lakeveil-values-'));
  const values = join(folder, 'values.txt');
  await writeFile(values, [...NEEDLES.values()].join('\n'));
  try {
    for (const words of [[], ['--canary', values]]) {
      const end = await runHere(sandbox, ['leakscan', '--json', ...words], environment);
      expect(end.exit, end.stdout).toBe(0);
      expect(JSON.parse(end.stdout)).toMatchObject({ status: 'clean', findings: [], being_written: [] });
      expect(await scanForCanaries([sandbox.root], { ...end })).toEqual([]);
    }
    await appendFile(join(sandbox.project, 'logs', 'pipeline.log'), `${String(NEEDLES.get('phone'))}\n`);
    const end = await runHere(sandbox, ['leakscan', '--json', '--canary', values], environment);
    expect(end.exit, end.stdout).toBe(5);
    await rm(join(sandbox.project, 'logs', 'pipeline.log'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** On the dashboard, whose button runs the date once more. */
async function look({ sandbox, pipeline, planter, source }: Scene): Promise<void> {
  const planted = planter.countPlanted();
  const told = await lookAtPages(sandbox, pipeline, { source, date: DATE });
  expect(planter.countPlanted()).toBeGreaterThan(planted);
  expect(await scanForCanaries([sandbox.root], told)).toEqual([]);
}

async function backfill({ sandbox, pipeline, asking, environment }: Scene): Promise<void> {
  const range = ['--from', LATER, '--to', LATER];
  const filled = await runHere(sandbox, ['backfill', pipeline, ...range, ...asking], environment);
  expect(filled.exit, filled.stdout).toBe(0);
  expect(await readTree(dayOf(sandbox, LATER))).not.toEqual({});
}

/** Also of a pipeline with models that will not let go of raw files: then what else there is to prune. */
async function prune({ sandbox, pipeline, environment }: Scene): Promise<void> {
  const ask = (zones: readonly string[], ...more: string[]) => {
    const what = zones.flatMap((zone) => ['--what', zone]);
    return sandbox.run(['prune', pipeline, '--older-than', '7d', ...what, '--json', ...more], environment);
  };
  const planned = await ask(ALL_ZONES);
  const mayPrune = planned.exit === 0;
  const pruned = await ask(mayPrune ? ALL_ZONES : ['ledger', 'quarantine'], '--yes');
  expect(pruned, pruned.stderr).toMatchObject({ exit: 0 });
  expect(Object.keys(await readTree(dayOf(sandbox, DATE))).length > 0).toBe(!mayPrune);
  const built = await runHere(sandbox, ['transform', pipeline, '--all'], environment);
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
