import { createHash, createHmac } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { checkKey, deriveKey, type MasterKey } from '../anonymize/keys.js';
import {
  type DatasetState,
  type KeptFile,
  type PullState,
  type ResumeState,
  resumeSchema,
} from '../base/types/resume.js';
import { hashFile, ignoreMissing, writeNew } from '../base/files/durable.js';
import { readSmallFile } from '../base/files/small-file.js';
import { parseStored } from '../base/files/stored-file.js';
import { dateIn } from '../base/dates/calendar.js';
import { RESUME_FOLDER } from '../lake/staging.js';
import type { StagingWork } from './staging-work.js';

/** How long a failed pull can be gone on with. */
export const KEEP_MS = 3_600_000;
const MAX_STATE_BYTES = 64_000_000;
const STATE = 'state.json';

/**
 * What a failed pull of these datasets has left, with its files moved into the run's own staging folder; null if there is
 * nothing that can be gone on with: another definition, key, date or argument, older than an hour, or damaged.
 */
export async function takeSaved(work: StagingWork): Promise<ResumeState | null> {
  await dropExpired(work);
  if (!isEligible(work)) return null;
  const id = identify(work);
  const dir = join(work.stagingDir, RESUME_FOLDER);
  const isTaken = await rename(join(rootOf(work), id), dir).then(() => true, ignoreMissing);
  if (isTaken !== true) return null;
  const state = await readState(work, id, dir);
  const isWhole = state !== null && (await haveFiles(state, dir));
  if (state === null || !isWhole) return null;
  for (const { name } of filesOf(state)) await rename(join(dir, name), join(work.stagingDir, name));
  return state;
}

/** A file of the staging folder, as a state names it. */
export async function describeFile(path: string): Promise<KeptFile> {
  return { name: basename(path), sha256: (await hashFile(path)).sha256 };
}

/** Keeps what a failed pull has masked, for an hour. Replaces what another try has left. */
export async function savePull(
  work: StagingWork,
  pull: PullState,
  datasets: readonly DatasetState[],
): Promise<void> {
  const [id, root] = [identify(work), rootOf(work)];
  const dir = join(root, `${id}.${basename(work.stagingDir)}`);
  await mkdir(dir, { mode: 0o700, recursive: true });
  const savedAt = work.project.effects.now().toISOString();
  const state: ResumeState = { format: 1, saved_at: savedAt, pull, datasets: [...datasets] };
  for (const { name } of filesOf(state)) await rename(join(work.stagingDir, name), join(dir, name));
  const text = JSON.stringify(state);
  await writeNew(join(dir, STATE), `${seal(work, id, text)}\n${text}`);
  await rm(join(root, id), { recursive: true, force: true });
  await rename(dir, join(root, id));
}

/** Removes what is older than an hour, and what a run that died has begun to keep. */
async function dropExpired(work: StagingWork): Promise<void> {
  const root = rootOf(work);
  for (const name of (await readdir(root).catch(ignoreMissing)) ?? []) {
    const runId = name.split('.')[1];
    const isKept =
      runId === undefined
        ? isFresh(work, (await readKept(join(root, name)))?.state ?? null)
        : (await stat(join(root, '..', runId)).catch(ignoreMissing)) !== undefined;
    if (!isKept) await rm(join(root, name), { recursive: true, force: true });
  }
}

/** Pages that have numbers, of records that do not change: made up by a seed, or of a date that is over. */
export function isEligible({ datasets, from, limitPages, parents, ...work }: StagingWork): boolean {
  const [{ request, time }] = datasets;
  if (from.kind === 'file' || limitPages !== null || parents !== null) return false;
  if (datasets.some(({ name }) => work.parentFieldsOf(name) !== null)) return false;
  // Their places are known to the process that has seen the pages.
  if (datasets.some(({ name }) => work.forgotten.formerOf(name).length > 0)) return false;
  if (request.pagination.type === 'seed') return true;
  const isNumbered = request.pagination.type === 'page' || request.pagination.type === 'offset';
  return isNumbered && time === 'by_date' && work.date < dateIn(work.project.effects.now(), work.timezone);
}

/** Digests records with a key, so that the digest does not give a value away. */
export function digestRecords({ key }: StagingWork, records: readonly unknown[]): string {
  return digestWith(key)(records);
}

export function digestWith(key: MasterKey): (records: readonly unknown[]) => string {
  const derived = deriveKey(key, 'resume', 'records');
  return (records) => createHmac('sha256', derived).update(JSON.stringify(records)).digest('hex');
}

function rootOf({ stagingDir }: StagingWork): string {
  return join(dirname(stagingDir), RESUME_FOLDER);
}

/** All that decides what the pages hold and how they are masked. */
function identify({ datasets, from, key, date, slot, seed, since, timezone, project }: StagingWork): string {
  const origin = 'baseUrl' in from && from.kind === 'http' ? from.baseUrl.href : from.kind;
  const facts = [
    ...[datasets, origin, key.id, checkKey(key), date, slot, seed, since, timezone],
    project.toolVersion,
  ];
  const text = JSON.stringify(facts, (_, value: unknown) => (value instanceof Map ? [...value] : value));
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function seal({ key }: StagingWork, id: string, text: string): string {
  return createHmac('sha256', deriveKey(key, 'resume', id))
    .update(text)
    .digest('hex');
}

async function readState(work: StagingWork, id: string, dir: string): Promise<ResumeState | null> {
  const kept = await readKept(dir);
  if (kept === null || kept.mark !== seal(work, id, kept.text)) return null;
  return isFresh(work, kept.state) ? kept.state : null;
}

function isFresh({ project }: StagingWork, state: ResumeState | null): boolean {
  const ageMs = state === null ? -1 : project.effects.now().getTime() - Date.parse(state.saved_at);
  return ageMs >= 0 && ageMs <= KEEP_MS;
}

/** A state as it was written; null if it is not whole. Its seal is not looked at. */
async function readKept(dir: string): Promise<{ mark: string; text: string; state: ResumeState } | null> {
  const path = join(dir, STATE);
  const file = await readSmallFile(path, { maxBytes: MAX_STATE_BYTES });
  const [mark = '', text = ''] = file.kind === 'text' ? file.text.split('\n', 2) : [];
  const found = parseStored<ResumeState>(text, resumeSchema, 'a state');
  return found.kind === 'found' ? { mark, text, state: found.value } : null;
}

function filesOf({ datasets }: ResumeState) {
  return datasets.flatMap(({ segments, quarantine }) => [
    ...segments.map(({ file }) => file),
    ...(quarantine === null ? [] : [quarantine]),
  ]);
}

async function haveFiles(state: ResumeState, dir: string): Promise<boolean> {
  for (const { name, sha256 } of filesOf(state)) {
    const found = await hashFile(join(dir, name)).catch(() => null);
    if (found?.sha256 !== sha256) return false;
  }
  return true;
}
