import { fork } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, type LakeveilError } from '../../base/errors.js';
import type { PagePull } from '../../source/page-pull.js';
import type { SharedPages } from '../../source/pull-pages.js';
import { listOthers } from '../../source/shared-pull.js';
import type { DatasetIngest } from '../dataset-ingest.js';
import { planPages } from '../plan-landing.js';
import { digestRecords } from '../resume.js';
import type { StagingWork } from '../staging-work.js';
import {
  type FromWorker,
  pack,
  readError,
  type ToWorker,
  type WorkerResult,
  type WorkerTask,
} from './messages.js';

/**
 * Has the pages of a pull that are left taken by processes of their own, each a range of them, and joins what they found
 * and masked. Null where one process is as good: the pages are few, or cannot be planned.
 */
export async function sharePages(
  work: StagingWork,
  ingests: readonly DatasetIngest[],
  pull: PagePull,
  pages: number,
): Promise<SharedPages | null> {
  const own = pull.share((records) => digestRecords(work, records));
  if (own === null) return null;
  const left = listOthers(own.done, pages);
  const { most, pagesEach } = work.workers;
  const count = Math.min(most, Math.floor(left.length / pagesEach), work.source.concurrency);
  if (count < 2) return null;
  const ranges = splitPages(left, count, segmentPages(work));
  const tasks: WorkerTask[] = [];
  for (const [at, range] of ranges.entries()) {
    const stagingDir = join(work.stagingDir, `worker-${at + 1}`);
    await mkdir(stagingDir, { mode: 0o700, recursive: true });
    const plan = { pagination: own.pagination, done: listOthers(range, pages) };
    tasks.push(describeTask(work, { plan, pages, stagingDir, of: ranges.length }));
  }
  const results = await runCrew(work, tasks);
  const errors: LakeveilError[] = [];
  for (const result of results) {
    if (result.error !== null) errors.push(readError(result.error));
    work.context.recordWorker(result.usage);
    for (const { stage, dataset, ...metrics } of result.stages)
      work.context.meter(stage, dataset).add(metrics);
    for (const [at, ingest] of ingests.entries()) {
      const shared = result.ingests[at];
      if (shared !== undefined) await ingest.absorb(shared);
    }
  }
  const told = errors.find(({ code }) => code !== 'E_INTERRUPTED') ?? errors[0] ?? null;
  return { pulls: results.flatMap(({ pull: taken }) => taken ?? []), error: told };
}

/** Pages that a segment has: a range that ends with one needs no part of it to be joined. */
function segmentPages({ datasets: [first] }: StagingWork): number {
  return Math.max(1, Math.floor(122_880 / planPages(first).pageSize));
}

/** Ranges of pages, as long as each other; of whole segments where there are enough of them. */
export function splitPages(pages: readonly number[], count: number, unit: number): readonly number[][] {
  const step = pages.length / count;
  const length = step >= 2 * unit ? Math.ceil(step / unit) * unit : Math.ceil(step);
  const ranges: number[][] = [];
  for (let at = 0; at < pages.length; at += length) ranges.push(pages.slice(at, at + length));
  return ranges;
}

function describeTask(
  work: StagingWork,
  { of, ...own }: Pick<WorkerTask, 'plan' | 'pages' | 'stagingDir'> & { readonly of: number },
): WorkerTask {
  const { datasets, source, from, key, date, slot, timezone, since, seed, project } = work;
  const concurrency = Math.max(1, Math.floor(source.concurrency / of));
  return {
    ...own,
    datasets,
    date,
    slot,
    timezone,
    since,
    seed,
    source: { ...source, concurrency },
    baseUrl: 'baseUrl' in from ? from.baseUrl.href : '',
    isEmbedded: from.kind === 'embedded',
    key: { id: key.id, bytes: key.bytes },
    compression: project.config.compression,
  };
}

/** Runs a process for each task. The first that fails, or dies, stops the others. */
async function runCrew(work: StagingWork, tasks: readonly WorkerTask[]): Promise<readonly WorkerResult[]> {
  const members = tasks.map((task) => startWorker(work, task));
  const stopAll = (): void => {
    for (const { send } of members) send({ kind: 'stop' });
  };
  const { signal } = work.project.effects;
  signal.addEventListener('abort', stopAll, { once: true });
  if (signal.aborted) stopAll();
  try {
    return await Promise.all(
      members.map(async ({ result }) => {
        const ended = await result.catch((error: unknown) => {
          stopAll();
          throw error;
        });
        if (ended.error !== null) stopAll();
        return ended;
      }),
    );
  } finally {
    signal.removeEventListener('abort', stopAll);
    for (const { end } of members) end();
  }
}

function startWorker(work: StagingWork, task: WorkerTask) {
  const isSource = import.meta.url.endsWith('.ts');
  const script = isSource ? './worker-from-source.mjs' : './ingest-worker.js';
  const child = fork(new URL(script, import.meta.url), {
    // Explicit: no variable reaches it, keys least of all.
    env: {},
    execArgv: ['--max-semi-space-size=64'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const send = (message: ToWorker): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  const result = new Promise<WorkerResult>((resolve, reject) => {
    child.on('message', (message: FromWorker) => {
      if (message.kind === 'end') resolve(message.result);
      else answer(work, message, send);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const kind = `a worker process ended by ${signal ?? `exit ${String(code)}`}`;
      reject(failure('E_MASK', { dataset: task.datasets[0].name, kind }));
    });
  });
  result.catch(() => undefined);
  send({ kind: 'start', task: pack(task) });
  return { send, result, end: () => child.kill('SIGKILL') };
}

function answer(
  { project: { effects }, pace }: StagingWork,
  message: Exclude<FromWorker, { kind: 'end' }>,
  send: (message: ToWorker) => void,
): void {
  switch (message.kind) {
    case 'pace':
      pace(effects.signal).then(
        () => {
          send({ kind: 'go', id: message.id });
        },
        () => undefined,
      );
      break;
    case 'progress':
      effects.progress.advance(message.records);
      break;
    case 'log':
      effects.log.info(message.event, message.fields);
      break;
  }
}
