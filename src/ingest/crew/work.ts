import { setTimeout as wait } from 'node:timers/promises';
import type { Effects } from '../../base/effects.js';
import { failure, type LakeveilError } from '../../base/errors.js';
import { toLakeveilError } from '../../base/defect.js';
import { SILENT_PROGRESS } from '../../base/terminal/progress.js';
import { measureUsage } from '../../ledger/ledger.js';
import { Meters } from '../../ledger/stage-meter.js';
import { createAuthorization, NO_AUTHORIZATION } from '../../source/authorization.js';
import { createFetch } from '../../source/http.js';
import { PagePull } from '../../source/page-pull.js';
import { runBounded } from '../../source/run-bounded.js';
import { DatasetIngest } from '../dataset-ingest.js';
import { digestWith } from '../resume.js';
import type { SharedIngest } from '../shared-ingest.js';
import {
  type FromWorker,
  sendError,
  type ToWorker,
  unpack,
  type WorkerResult,
  type WorkerTask,
} from './messages.js';

/** Answers the messages of the run. */
export function workAsTold(): void {
  const stop = new AbortController();
  const waiting = new Map<number, () => void>();
  let requests = 0;
  const link: Link = {
    signal: stop.signal,
    send: (message) => process.send?.(message),
    pace: async () =>
      new Promise<void>((resolve) => {
        waiting.set(requests, resolve);
        link.send({ kind: 'pace', id: requests++ });
      }),
  };
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'stop') stop.abort(failure('E_INTERRUPTED', {}));
    else if (message.kind === 'go') {
      waiting.get(message.id)?.();
      waiting.delete(message.id);
    } else {
      void take(unpack(message.task) as WorkerTask, link).then((result) => {
        link.send({ kind: 'end', result });
      });
    }
  });
}

interface Link {
  readonly signal: AbortSignal;
  readonly send: (message: FromWorker) => void;
  readonly pace: () => Promise<void>;
}

async function take(task: WorkerTask, link: Link): Promise<WorkerResult> {
  const { datasets, key, date, stagingDir, compression } = task;
  const meters = new Meters();
  const context = { meter: meters.meter, stage: meters.stage, recordRejection: () => undefined };
  const digest = digestWith(key);
  const ingests: DatasetIngest[] = [];
  const fetch = createFetch({ connections: task.source.concurrency });
  const effects = makeEffects(fetch, link);
  const pull = openPull(task, effects, link, meters);
  let error: LakeveilError | null = null;
  try {
    for (const dataset of datasets) {
      const project = { config: { compression } };
      ingests.push(
        await DatasetIngest.open({ project, context, dataset, key, date, stagingDir, parentFields: null }),
      );
    }
    pull.begin(task.plan);
    await runBounded({
      next: () => nextOf(pull, task.pages),
      run: async (request, signal) => {
        const raw = await pull.fetch(request, signal);
        meters.meter('fetch', datasets[0].name).addRows(raw.records.length);
        await Promise.all(ingests.map((ingest) => ingest.take(raw)));
        pull.complete(request.index);
        link.send({ kind: 'progress', records: raw.records.length });
      },
      concurrency: task.source.concurrency,
      signal: link.signal,
    });
  } catch (thrown) {
    error = toLakeveilError(thrown);
  }
  const shared: SharedIngest[] = [];
  try {
    for (const ingest of ingests) shared.push(await ingest.share());
  } catch (thrown) {
    error ??= toLakeveilError(thrown);
  }
  await Promise.all(ingests.map((ingest) => ingest.close()));
  await fetch.close();
  return {
    pull: pull.share(digest),
    ingests: shared,
    stages: meters.read(),
    usage: measureUsage(),
    error: error && sendError(error),
  };
}

function openPull(task: WorkerTask, effects: Effects, link: Link, meters: Meters): PagePull {
  return new PagePull({
    ...task,
    baseUrl: new URL(task.baseUrl),
    effects,
    pace: link.pace,
    authorization: task.isEmbedded ? NO_AUTHORIZATION : createAuthorization(task.source, effects),
    limitPages: null,
    parent: null,
    each: () => Promise.resolve(),
    onBusy: (ms) => {
      meters.meter('fetch', task.datasets[0].name).addTime(ms);
    },
  });
}

/** What a source declares later on is for the run to ask for. */
function nextOf(pull: PagePull, pages: number) {
  const request = pull.next();
  return request === null || request.index >= pages ? null : request;
}

function makeEffects(fetch: Effects['fetch'], { signal, send }: Link): Effects {
  const log = (event: string, fields = {}): void => {
    send({ kind: 'log', event, fields });
  };
  return {
    now: () => new Date(),
    random: Math.random,
    sleep: async (ms, stopped) => {
      await wait(ms, undefined, { signal: stopped }).catch(() => undefined);
      stopped.throwIfAborted();
    },
    fetch,
    log: {
      info: log,
      warn: log,
      debug: () => undefined,
      reported: (_, event, fields) => {
        log(event, fields);
      },
      setRun: () => undefined,
    },
    progress: SILENT_PROGRESS,
    signal,
  };
}
