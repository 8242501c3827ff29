import { join } from 'node:path';
import { expect } from 'vitest';
import { findDefinition } from '../../src/project.js';
import { startCanarySource } from '../support/canary-source.js';
import { scanForCanaries } from '../support/canary.js';
import { type CliEnd, type Environment, makeSandbox, type Sandbox } from '../support/cli.js';
import type { Planter } from '../support/plant-canaries.js';
import { startWebhook } from '../support/receivers.js';
import { nameDate } from '../support/shipped.js';
import { readTree } from './lake-tree.js';
import { openHere } from './open-here.js';
import { runHere } from './run-here.js';

/** A shipped pipeline alone, whose source has a canary in every leaf that may not show. */

export const DATE = '2026-03-01';
const DRIFTED = { drift: true, halve: false };

export interface Scene {
  readonly pipeline: string;
  readonly sandbox: Sandbox;
  readonly planter: Planter;
  readonly date: string;
  /** Origin of the source. */
  readonly source: string;
  /** For whatever asks the source. */
  readonly asking: readonly string[];
  readonly environment: Environment;
  /** What the alerts of the runs said. */
  readonly alerts: readonly string[];
}

export async function withScene(
  pipeline: string,
  records: number,
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const sandbox = await makeSandbox(undefined, pipeline);
  const source = await startCanarySource(sandbox, pipeline, DRIFTED);
  const webhook = await startWebhook();
  const definition = findDefinition(await openHere(sandbox), pipeline);
  try {
    await work({
      ...{ pipeline, sandbox, planter: source.planter, source: source.url },
      date: nameDate(definition, DATE, '13'),
      asking: ['--source', source.url, '--as-of-now', '--json'],
      environment: { LOG_LEVEL: 'debug', RECORDS: String(records), ALERT_WEBHOOK_URL: webhook.url },
      alerts: webhook.bodies,
    });
  } finally {
    await Promise.all([source.close(), webhook.close()]);
    await sandbox.remove();
  }
}

interface RunDocument {
  readonly datasets: readonly Readonly<
    Record<'fetched' | 'landed' | 'rejected' | 'duplicates' | 'forgotten', number> & { drift: unknown[] }
  >[];
}

/** Runs the date, in this process unless `act` says otherwise, and looks for canaries in all that it wrote. */
export async function land(
  { sandbox, planter, pipeline, date, asking, environment, alerts }: Scene,
  act: (
    sandbox: Sandbox,
    args: readonly string[],
    environment: Environment,
  ) => Promise<Omit<CliEnd, 'signal'>> = runHere,
): Promise<void> {
  const ended = await act(sandbox, ['run', pipeline, '--date', date, ...asking], environment);
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
  // The fields that the source has more are an alert.
  expect(alerts.join()).toContain('differ from the contract');
  expect(await scanForCanaries([sandbox.root], { ...ended, alerts: alerts.join() })).toEqual([]);
  expect(await readTree(join(sandbox.lake, '_staging'))).toEqual({});
  expect(await readTree(join(sandbox.root, 'tmp'))).toEqual({});
}
