import { alertAfter } from '../alert/send-alerts.js';
import { type Config, loadConfig } from '../base/config/config.js';
import { toLakeveilError } from '../base/defect.js';
import type { Effects, Log, Progress } from '../base/effects.js';
import { failure } from '../base/errors.js';
import { createEffects } from '../base/terminal/real-effects.js';
import type { RunRecord } from '../base/types/run-record.js';
import { sendError } from '../ingest/crew/messages.js';
import { run } from '../pipeline.js';
import { openChosen, todayOf } from '../project.js';
import { createFetch } from '../source/http.js';
import type { FromRun, RunTask, SentEnd, ToRun } from './messages.js';

/** How often the ledger entry so far and the records that came are sent. */
const SEND_EVERY_MS = 250;
/** How long a run whose starter is gone has to roll back. */
const ORPHAN_MS = 25_000;
/** More than any definition may request in parallel; each source has its own, lower limit. */
const MAX_CONNECTIONS = 256;

/** Runs the pipeline that the process that started this one names, and ends. */
export function runAsTold(): void {
  const stop = new AbortController();
  const leave = (): void => {
    process.exit(0);
  };
  process.on('message', (message: ToRun) => {
    if (message.kind === 'stop') stop.abort(failure(message.why, {}));
    else {
      void runTask(message.task, stop.signal).then((end) => {
        // The whole message goes out before the process ends.
        if (process.connected) process.send?.({ kind: 'end', end } satisfies FromRun, leave);
        else leave();
      });
    }
  });
  process.on('disconnect', () => {
    stop.abort(failure('E_TERMINATED', {}));
    setTimeout(() => process.exit(1), ORPHAN_MS);
  });
}

function send(message: FromRun): void {
  if (process.connected) process.send?.(message, () => undefined);
}

async function runTask(
  { request, projectDir, clockAheadMs }: RunTask,
  signal: AbortSignal,
): Promise<SentEnd> {
  const { fetch, progress, flush } = {
    fetch: createFetch({ connections: MAX_CONNECTIONS }),
    ...reportProgress(),
  };
  let snapshot: (() => RunRecord) | null = null;
  const sendRecord = (): void => {
    flush();
    if (snapshot !== null) send({ kind: 'record', record: snapshot() });
  };
  const timer = setInterval(sendRecord, SEND_EVERY_MS);
  const now = (): Date => new Date(Date.now() + clockAheadMs);
  const startedAt = now();
  let context: { readonly config: Config; readonly effects: Effects } | null = null;
  try {
    const config = loadConfig({ project: projectDir });
    const real = await createEffects({ config, quiet: true, fetch, signal });
    const effects: Effects = { ...real, now, log: createLog(), progress };
    context = { config, effects };
    const { project, pipeline } = await openChosen(context, request.pipeline, 'linked');
    const date = request.date ?? todayOf(project, pipeline);
    const onRun = (_: string, read: () => RunRecord): void => {
      snapshot = read;
      sendRecord();
    };
    const { status, datasets } = await run({ ...project, onRun }, { ...request, date });
    sendRecord();
    await alertAfter(context, null);
    return { status, datasets, error: null };
  } catch (thrown) {
    sendRecord();
    const error = toLakeveilError(signal.aborted ? signal.reason : thrown);
    if (context !== null)
      await alertAfter(context, { command: 'run', error, startedAt, word: request.pipeline, isWhole: false });
    return { status: signal.aborted ? 'interrupted' : 'failed', datasets: [], error: sendError(error) };
  } finally {
    clearInterval(timer);
    await fetch.close();
  }
}

/** Progress as messages; the records that came are added up in between. */
function reportProgress(): { readonly progress: Progress; readonly flush: () => void } {
  let waiting = 0;
  const flush = (): void => {
    if (waiting > 0) send({ kind: 'fetched', records: waiting });
    waiting = 0;
  };
  return {
    flush,
    progress: {
      start: (label, total) => {
        send({ kind: 'fetch', label, total });
      },
      advance: (records) => {
        waiting += records;
      },
      stop: () => {
        flush();
        send({ kind: 'fetch_end' });
      },
    },
  };
}

/** Lines as messages, each with the id of the run: the process that started this one writes them. */
function createLog(): Log {
  let run: string | null = null;
  const sendAs =
    (level: 'debug' | 'info' | 'warn' | 'error', isReported = false): Log['info'] =>
    (event, fields = {}) => {
      const ofRun = run === null ? fields : { run_id: run, ...fields };
      send({ kind: 'log', level, isReported, event, fields: ofRun });
    };
  return {
    debug: sendAs('debug'),
    info: sendAs('info'),
    warn: sendAs('warn'),
    reported: (level, event, fields) => {
      sendAs(level, true)(event, fields);
    },
    setRun: (runId) => {
      run = runId;
    },
  };
}
