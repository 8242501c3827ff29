import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkKey } from '../../anonymize/keys.js';
import { CURRENT_KEY_PATH, type CurrentKey, readCurrentKey } from '../../base/config/current-key.js';
import { findFormerKey, findMasterKey, keyPath } from '../../base/config/key.js';
import { failure } from '../../base/errors.js';
import { fileExists, makeFolder, orDiskError, writeDurably, writeNew } from '../../base/files/durable.js';
import { countOf } from '../../base/text/numbers.js';
import { formatJson } from '../../base/text/json.js';
import { ALL_PIPELINES } from '../../base/types/run-record.js';
import { withRun } from '../../ledger/run-context.js';
import type { Project } from '../../project.js';
import { listKeys } from './list-keys.js';

type RotationReason = CurrentKey['rotations'][number]['reason'];

/** What `keys new`, `rotate` and `retire` print with `--json`. */
export interface KeyChange {
  readonly action: 'created' | 'rotated' | 'retired';
  readonly key_id: string;
  readonly path: string;
  /** The key that masked before a rotation; null if there was none. */
  readonly from: string | null;
}

/**
 * Creates a key, readable by its owner only. Nothing masks with it until it is rotated to, or named by a variable.
 * @throws E_TAKEN for an id that has a file or that the lake names; E_ENV_INVALID for one of another form
 */
export async function createKey(project: Project, id: string): Promise<KeyChange> {
  const path = keyPath(project.config, id);
  const fix = 'choose another id: each key has one of its own';
  if (await fileExists(path)) throw failure('E_TAKEN', { path, what: 'exists already', fix });
  const { keys } = await listKeys(project);
  if (keys.some(({ key_id }) => key_id === id))
    throw failure('E_TAKEN', { path: `key id ${id}`, what: 'is named by this lake already', fix });
  await orDiskError(path, async () => {
    await makeFolder(dirname(path));
    await writeNew(path, `${randomBytes(32).toString('base64')}\n`);
  });
  return { action: 'created', key_id: id, path, from: null };
}

/**
 * Makes a key the one that masks what lands from now on. What has landed stays under its key, and does not join with it.
 * @throws E_UNKNOWN for a key that is not at hand; E_USAGE if a variable names the key, or this one masks already; E_KEY_CHANGED
 */
export async function rotateKey(project: Project, id: string, reason: RotationReason): Promise<KeyChange> {
  const { config, effects, lake } = project;
  const [source] = config.key.sources;
  if (source !== undefined) {
    const what = `${source.origin} names the key that masks, and no other one can be made current`;
    const hint = `give ${source.origin} the new key with a new TOKEN_KEY_ID, and keep the old one as ${dirname(keyPath(config, id))}/ID.key`;
    throw failure('E_USAGE', { what, hint });
  }
  const key = await findFormerKey(config, id);
  if (key === null) throw failure('E_UNKNOWN', { kind: `key ${id}`, known: await nameKept(project) });
  const start = { command: 'keys', pipeline: ALL_PIPELINES, date: null, slot: null };
  return withRun(project, start, async (context) =>
    lake.exclusively(`keys ${context.runId}`, async (recovery) => {
      context.recordRecovery(recovery);
      const check = checkKey(key);
      const other = (await lake.list()).find((one) => one.key_id === id && one.key_check !== check);
      if (other !== undefined)
        throw failure('E_KEY_CHANGED', { key_id: id, partition: `${other.dataset} of ${other.date}` });
      const before = await findMasterKey(config).catch(() => null);
      if (before?.id === id)
        throw failure('E_USAGE', { what: `key ${id} masks already`, hint: 'choose another' });
      const current = await readCurrentKey(config.lakeDir);
      const at = effects.now().toISOString();
      const next: CurrentKey = {
        format: 1,
        key_id: id,
        rotations: [
          ...(current?.rotations ?? []),
          ...(before === null ? [] : [{ from: before.id, to: id, reason, at }]),
        ],
      };
      await writeDurably(join(config.lakeDir, CURRENT_KEY_PATH), `${formatJson(next)}\n`);
      return { action: 'rotated', key_id: id, path: keyPath(config, id), from: before?.id ?? null };
    }),
  );
}

async function nameKept(project: Project): Promise<string> {
  const { keys } = await listKeys(project);
  const kept = keys.flatMap(({ key_id, key_check }) => (key_check === null ? [] : [key_id]));
  return kept.join(', ') || 'none: create one with `pipeline keys new ID`';
}

/**
 * Removes the file of a key that nothing in this lake names any more.
 * @throws E_UNKNOWN for a key without a file; E_USAGE while a partition, a checkpoint or a tombstone names it, or it masks
 */
export async function retireKey(project: Project, id: string): Promise<KeyChange> {
  const path = keyPath(project.config, id);
  if (!(await fileExists(path)))
    throw failure('E_UNKNOWN', { kind: `file of key ${id}`, known: await nameKept(project) });
  return project.lake.exclusively(`keys retire ${id}`, async () => {
    const key = (await listKeys(project)).keys.find(({ key_id }) => key_id === id);
    const uses = [
      ...(key?.is_current === true ? ['what lands now'] : []),
      ...nameCount(key?.partitions ?? 0, 'partition'),
      ...nameCount(key?.checkpoints ?? 0, 'checkpoint'),
      ...nameCount(key?.tombstones ?? 0, 'tombstone'),
    ];
    if (uses.length > 0) {
      const hint = 'land the dates again under another key or prune them, and let tombstones expire';
      throw failure('E_USAGE', { what: `key ${id} is needed by ${uses.join(', ')}`, hint });
    }
    await orDiskError(path, () => rm(path));
    return { action: 'retired', key_id: id, path, from: null };
  });
}

function nameCount(count: number, noun: string): string[] {
  return count === 0 ? [] : [countOf(count, noun)];
}

/** What was done, and what follows from it. */
export function formatKeyChange({ action, key_id, path, from }: KeyChange): string {
  switch (action) {
    case 'created':
      return [
        `Created key ${key_id}: ${path}`,
        `Back it up: without it, no token can be made again. To mask with it: \`pipeline keys rotate ${key_id}\``,
      ].join('\n');
    case 'rotated':
      return [
        `Key ${key_id} masks from now on${from === null ? '' : `, in place of ${from}`}.`,
        ...(from === null
          ? []
          : ['Dates that landed before do not join with later ones; `pipeline keys list` shows them.']),
      ].join('\n');
    case 'retired':
      return `Removed ${path}. Other lakes of this user that name the key cannot be searched any more.`;
  }
}
