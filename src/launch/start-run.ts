import { type ChildProcess, fork } from 'node:child_process';
import type { Config } from '../base/config/config.js';
import type { Effects, Log } from '../base/effects.js';
import { failure, type LakeveilError } from '../base/errors.js';
import type { DatasetResult, RunRecord, RunStatus } from '../base/types/run-record.js';
import { readError } from '../ingest/crew/messages.js';
import type { FromRun, LaunchRequest, ToRun } from './messages.js';

/** How long a run that is stopped has to roll back before its process is killed: the next command then rolls it back. */
const GRACE_MS = 25_000;

/** How a run ended: an error of the run, or of its process. */
export interface RunEnd {
  /** Null if the run ended before it was in the ledger. */
  readonly runId: string | null;
  readonly status: RunStatus;
  readonly datasets: readonly DatasetResult[];
  readonly error: LakeveilError | null;
}

/** A run in a process of its own. */
export interface RunProcess {
  /** Never rejects. */
  readonly ended: Promise<RunEnd>;
  /** Stops the run, which rolls back or, once it is committed, finishes; kills it after 25 seconds. */
  readonly stop: (why: 'E_INTERRUPTED' | 'E_TERMINATED') => void;
}

export interface LaunchContext {
  readonly config: Pick<Config, 'projectDir' | 'childEnvironment' | 'runHeapMb'>;
  /** Log and progress are those that the run reports to. */
  readonly effects: Pick<Effects, 'now' | 'log' | 'progress'>;
}

/**
 * Starts `run` of a pipeline in a process of its own, with a memory limit of its own: one that runs out of memory or is
 * killed takes nothing with it. Keys reach it by its environment, as they reach a command.
 * @param onRecord called with the ledger entry of the run so far, first when it is in the ledger
 */
export function startRun(
  { config, effects }: LaunchContext,
  request: LaunchRequest,
  onRecord: (record: RunRecord) => void = () => undefined,
): RunProcess {
  const child = forkWorker(config);
  const post = (message: ToRun): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  let runId: string | null = null;
  let kill: NodeJS.Timeout | undefined;
  const ended = new Promise<RunEnd>((resolve) => {
    child.on('message', (message: FromRun) => {
      if (message.kind === 'record') {
        runId = message.record.run_id;
        onRecord(message.record);
      } else if (message.kind === 'end') {
        const { error, ...end } = message.end;
        resolve({ ...end, runId, error: error && readError(error) });
      } else report(effects, message);
    });
    const die = (kind: string): void => {
      const error = describeDeath(kind, config.runHeapMb).at({ pipeline: request.pipeline });
      resolve({ runId, status: 'interrupted', datasets: [], error });
    };
    child.once('error', () => {
      die('it could not be started');
    });
    child.once('exit', (code, signal) => {
      clearTimeout(kill);
      const kind = signal ?? `exit ${String(code)}`;
      // What it sent before may still be on its way.
      if (child.connected)
        child.once('disconnect', () => {
          die(kind);
        });
      else die(kind);
    });
  });
  const clockAheadMs = effects.now().getTime() - Date.now();
  post({ kind: 'start', task: { request, projectDir: config.projectDir, clockAheadMs } });
  return {
    ended,
    stop: (why) => {
      post({ kind: 'stop', why });
      kill ??= setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    },
  };
}

function forkWorker({ childEnvironment, runHeapMb }: LaunchContext['config']): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts');
  const script = isSource ? './worker-from-source.mjs' : './run-worker.js';
  return fork(new URL(script, import.meta.url), {
    env: { ...childEnvironment },
    execArgv: [`--max-old-space-size=${runHeapMb}`],
    serialization: 'advanced',
    // What V8 writes when memory runs out is not ours to check.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

/** V8 aborts the process whose heap is full. */
function describeDeath(kind: string, heapMb: number): LakeveilError {
  if (kind !== 'SIGABRT' && kind !== 'exit 134') return failure('E_RUN_DIED', { kind });
  const fix = `set RUN_HEAP_MB above ${heapMb} in the environment or .env, or lower max_response and concurrency`;
  return failure('E_MEMORY', { work: 'the process of the run', limit: ` (RUN_HEAP_MB ${heapMb})`, fix });
}

function report(
  { log, progress }: LaunchContext['effects'],
  message: Exclude<FromRun, { kind: 'record' } | { kind: 'end' }>,
): void {
  switch (message.kind) {
    case 'log':
      reportLine(log, message);
      break;
    case 'fetch':
      progress.start(message.label, message.total);
      break;
    case 'fetched':
      progress.advance(message.records);
      break;
    case 'fetch_end':
      progress.stop();
      break;
    default:
      message satisfies never;
  }
}

function reportLine(log: Log, message: Extract<FromRun, { kind: 'log' }>): void {
  const { level, isReported, event, fields } = message;
  if (level === 'error' || (level === 'warn' && isReported)) log.reported(level, event, fields);
  else log[level](event, fields);
}
