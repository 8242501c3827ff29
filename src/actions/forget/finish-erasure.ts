import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeMarker } from '../../anonymize/lookup.js';
import { findFormerKey, findMasterKey, type MasterKey } from '../../base/config/key.js';
import { LakeveilError } from '../../base/errors.js';
import { listFolder, orDiskError, removeDurably } from '../../base/files/durable.js';
import type { Receipt, Tombstone, Unfinished } from '../../base/types/erasure.js';
import { readTarget } from '../../definition/read-targets.js';
import { readTombstones, unfinishedPath } from '../../lake/forgotten-file.js';
import type { OnStep } from '../../lake/intent.js';
import { RESUME_FOLDER } from '../../lake/staging.js';
import { listRuns } from '../../ledger/read-runs.js';
import type { RunContext } from '../../ledger/run-context.js';
import { writeRun } from '../../ledger/write-run.js';
import { readLoaded, TARGETS_FOLDER } from '../../load/loaded-file.js';
import { TARGET_FORM } from '../../load/registry.js';
import type { Project } from '../../project.js';
import { loadTables } from '../load/load-tables.js';
import { addReceipt } from '../receipts/receipts.js';
import { transformDates } from '../transform/transform-dates.js';
import { removeCopies, type Unpublish } from './remove-copies.js';

/** What the steps of an erasure after its commit need. */
export interface FinishOptions {
  readonly unpublish: Unpublish;
  readonly onStep: OnStep;
}

/** An erasure that is finished. */
export interface Finished {
  /** Path of the receipt, relative to the lake's root. */
  readonly receipt: string;
  readonly models: Receipt['models'];
  readonly removed_copies: readonly string[];
  readonly targets: readonly string[];
  readonly not_covered: readonly string[];
}

/**
 * Does what is left of an erasure after its commit.
 * @throws what fails, with the command that goes on from there
 */
export async function finishErasure(
  project: Project,
  context: RunContext,
  erased: Unfinished,
  options: FinishOptions,
): Promise<Finished> {
  try {
    return await finish(project, context, erased, options);
  } catch (error) {
    if (!(error instanceof LakeveilError)) throw error;
    const { code, message, remedy, where, problems, facts } = error;
    const next = `${remedy}; then finish the erasure with \`pipeline forget --resume\``;
    throw new LakeveilError(code, message, next, { ...where, stage: 'forget' }, problems, facts);
  }
}

/**
 * Does what is left of an erasure after its commit: tokens in the ledger, the tables, exports and sites, targets of `load`,
 * and the receipt. Each step can be done again, so a killed erasure goes on from the first.
 * @throws what `transformDates` and `loadTables` throw; the erasure then stays unfinished
 */
async function finish(
  project: Project,
  context: RunContext,
  erased: Unfinished,
  { unpublish, onStep }: FinishOptions,
): Promise<Finished> {
  const { config, effects, lake, toolVersion } = project;
  const isChanged = erased.partitions.length > 0 || erased.checkpoints.length > 0;
  await cleanLedger(project, erased.erasure);
  await orDiskError(config.lakeDir, () =>
    rm(join(config.lakeDir, '_staging', RESUME_FOLDER), { recursive: true, force: true }),
  );
  await onStep('cleaned the ledger');
  const models = isChanged ? await transformDates(project, context, 'all') : [];
  await onStep('rebuilt the tables');
  const removed = isChanged ? await removeCopies(project, erased.pipeline, unpublish) : [];
  await onStep('removed the copies');
  const { targets, notCovered } = isChanged ? await reloadTargets(project) : NO_TARGETS;
  await onStep('loaded the targets');
  const key = await findMasterKey(config);
  const rest = {
    models: models.map(({ model, rows }) => ({ model, rows })),
    removed_copies: removed,
    targets,
    not_covered: [...erased.not_covered, ...notCovered],
  };
  const finished_at = effects.now().toISOString();
  const receipt = await lake.exclusively(`forget ${context.runId}`, async () => {
    const unsigned = { ...erased, ...rest, finished_at, tool_version: toolVersion };
    const path = await addReceipt(config.lakeDir, unsigned, key);
    await onStep('wrote the receipt of the erasure');
    await removeDurably(join(config.lakeDir, unfinishedPath(erased.erasure)));
    return path;
  });
  await onStep('finished the erasure');
  return { receipt, ...rest };
}

/** Removes tokens of erased people from entries of the ledger, which hold tokens of rows that failed a check. */
async function cleanLedger({ config }: Project, erasure: string): Promise<void> {
  const tombstone = (await readTombstones(config.lakeDir)).find((one) => one.erasure === erasure);
  if (tombstone === undefined) return;
  const isErased = await makeTest(config, tombstone);
  for await (const entry of listRuns(config.lakeDir)) {
    if (entry.kind !== 'run' || entry.run.status === 'running') continue;
    const { checks } = entry.run;
    if (!checks.some(({ tokens }) => tokens.some(isErased))) continue;
    const kept = checks.map((check) => ({ ...check, tokens: check.tokens.filter((one) => !isErased(one)) }));
    await writeRun(config.lakeDir, { ...entry.run, checks: kept });
  }
}

async function makeTest(
  config: Project['config'],
  { groups, dataset }: Tombstone,
): Promise<(token: string) => boolean> {
  const current = await findMasterKey(config);
  const tests: ((token: string) => boolean)[] = [];
  for (const { key_id, column, marks } of groups) {
    const key: MasterKey | null = key_id === current.id ? current : await findFormerKey(config, key_id);
    if (key === null) continue;
    const [markOf, known] = [makeMarker(key, dataset, column), new Set(marks)];
    tests.push((token) => token.startsWith(`${key_id}_`) && known.has(markOf(token)));
  }
  return (token) => tests.some((test) => test(token));
}

const NO_TARGETS = { targets: [] as string[], notCovered: [] as string[] };

/** Loads what has changed into every target that was loaded before. @throws as `loadTables` */
async function reloadTargets(project: Project): Promise<typeof NO_TARGETS> {
  const { config } = project;
  const targets: string[] = [];
  const notCovered: string[] = [];
  for (const file of await listFolder(join(config.lakeDir, TARGETS_FOLDER), TARGETS_FOLDER)) {
    const name = /^([a-z][a-z0-9_]*)\.json$/.exec(file)?.[1];
    const loaded = name === undefined ? null : await readLoaded(config.lakeDir, name);
    if (loaded === null) continue;
    const { target, type, tables } = loaded;
    if (!(await isNamed(project, target))) {
      notCovered.push(`target ${target}: it is no longer in targets.yaml`);
      continue;
    }
    const request = { target, pipeline: null, date: null, force: false };
    try {
      await loadTables(project, { ...request, tables: tables.map(({ table }) => table) });
      targets.push(target);
      if (type === 'postgres')
        notCovered.push(`target ${target}: PostgreSQL keeps deleted rows until VACUUM`);
    } catch (error) {
      if (!(error instanceof LakeveilError) || error.code !== 'E_UNKNOWN') throw error;
      notCovered.push(`target ${target}: a table that was loaded is no longer built`);
    }
  }
  return { targets, notCovered };
}

async function isNamed({ config }: Project, target: string): Promise<boolean> {
  const { projectDir, variables, places } = config;
  try {
    await readTarget({ projectDir, variables, places }, TARGET_FORM, target);
    return true;
  } catch (error) {
    const isGone = error instanceof LakeveilError && ['E_UNKNOWN', 'E_USAGE'].includes(error.code);
    if (isGone) return false;
    throw error;
  }
}
