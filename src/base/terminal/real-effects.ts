import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Config } from '../config/config.js';
import type { Effects, Fetch, Log, Progress } from '../effects.js';
import { LogFile } from '../files/log-file.js';
import { createLog, type TextSink } from './log.js';
import { createLineProgress, SILENT_PROGRESS } from './progress.js';

export interface EffectsInput {
  readonly config: Pick<Config, 'logLevel' | 'logDir' | 'terminal'>;
  /** No log and no progress on stderr. */
  readonly quiet: boolean;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
}

/** The real clock, randomness, log and progress: both write to stderr, and the log to its file as well. */
export async function createEffects(input: EffectsInput): Promise<Effects> {
  const now = (): Date => new Date();
  // Not the stream itself, so that a test can replace it.
  const sink: TextSink = { write: (text) => process.stderr.write(text) };
  return {
    now,
    random: drawUniform,
    sleep,
    fetch: input.fetch,
    log: openLog(input, sink, now),
    progress: await chooseProgress(input, sink),
    signal: input.signal,
  };
}

/** The file has all that is of use later; the terminal what was asked for, and nothing that the command prints anyway. */
function openLog({ config, quiet }: EffectsInput, stderr: TextSink, now: () => Date): Log {
  const { logLevel, logDir, terminal } = config;
  const form = terminal.interactive ? 'people' : 'json';
  const onTerminal = {
    level: quiet ? 'silent' : logLevel,
    sink: stderr,
    form,
    takesReported: false,
  } as const;
  const file = new LogFile(logDir, (path, kind) => {
    createLog([onTerminal], now).warn('log_not_written', { path, kind });
  });
  const level = logLevel === 'debug' ? 'debug' : 'info';
  return createLog([onTerminal, { level, sink: file, form: 'json', takesReported: true }], now);
}

/** 48 random bits, so that every value is exact and below 1. */
function drawUniform(): number {
  return randomBytes(6).readUIntBE(0, 6) / 2 ** 48;
}

/** Resolves after `ms`; rejects with the signal's reason instead of an AbortError. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
  signal.throwIfAborted();
}

async function chooseProgress(input: EffectsInput, sink: TextSink): Promise<Progress> {
  const nowMs = (): number => performance.now();
  if (input.quiet) return SILENT_PROGRESS;
  if (!input.config.terminal.interactive) return createLineProgress(sink, nowMs);
  const { createBarProgress } = await import('./progress-bar.js');
  return createBarProgress(process.stderr, nowMs);
}
