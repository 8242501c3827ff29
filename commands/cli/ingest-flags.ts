import { availableParallelism } from 'node:os';
import * as Flags from '@oclif/core/flags';
import { dateOf } from '../../src/base/dates/calendar.js';
import { failure } from '../../src/base/errors.js';
import type { IngestRequest } from '../../src/ingest/plan-ingest.js';
import type { Workers } from '../../src/ingest/staging-work.js';
import type { LaunchRequest } from '../../src/launch/messages.js';
import type { Overrides } from '../../src/project.js';
import { allowFutureFlag, integerFlag, momentFlag, resolveDate, sourceFlag } from './flags.js';

/** Pages that take longer than the start of a process. */
const PAGES_EACH = 50;

export const workersFlag = integerFlag({
  summary:
    'Processes that take pages side by side; default: one for every 50 pages, at most the cores less one.',
  name: 'workers',
  min: 1,
  max: 64,
});

/** Flags shared by `run` and `ingest`. */
export const INGEST_FLAGS = {
  date: momentFlag({
    summary: 'Logical date, with the hour for an hourly dataset; default: now (UTC).',
  }),
  'allow-future': allowFutureFlag,
  records: integerFlag({
    summary: 'Number of records to request.',
    name: 'records',
    min: 1,
    max: 50_000_000,
  }),
  source: sourceFlag({ summary: '`embedded`, or a URL that replaces the definition’s base URL.' }),
  concurrency: integerFlag({
    summary: 'Maximum number of parallel page requests.',
    name: 'concurrency',
    min: 1,
    max: 256,
  }),
  workers: workersFlag,
  seed: Flags.string({ summary: 'Seed of a seeded source; default: the date.', helpValue: 'S' }),
  force: Flags.boolean({ summary: 'Replace real data with embedded data, and land a pruned date again.' }),
  'as-of-now': Flags.boolean({ summary: 'Store today’s state of a snapshot under another date.' }),
};

interface ParsedFlags {
  readonly date: string | undefined;
  readonly 'allow-future': boolean;
  readonly records: number | undefined;
  readonly source: string | undefined;
  readonly concurrency: number | undefined;
  readonly workers: number | undefined;
  readonly seed: string | undefined;
  readonly force: boolean;
  readonly 'as-of-now': boolean;
}

/** @param today in the time zone of the pipeline @throws E_DATE_FUTURE */
export function toIngestRequest(pipeline: string, flags: ParsedFlags, today: string): IngestRequest {
  const [date, slot] = flags.date?.split('T') ?? [];
  return {
    pipeline,
    date: resolveDate(date, flags['allow-future'], today),
    slot: slot ?? null,
    dataset: null,
    source: flags.source ?? null,
    seed: flags.seed ?? null,
    force: flags.force,
    asOfNow: flags['as-of-now'],
    limitPages: null,
    workers: toWorkers(flags.workers),
  };
}

/**
 * The request of `run --all`, where each pipeline has its own today.
 * @throws E_USAGE if a pipeline is named besides; E_DATE_FUTURE
 */
export function toAllRequest(
  pipeline: string | undefined,
  flags: ParsedFlags,
): Omit<LaunchRequest, 'pipeline'> {
  if (pipeline !== undefined) {
    const hint = 'leave out the name to run every pipeline, or `--all` to run one';
    throw failure('E_USAGE', { what: 'a pipeline and --all cannot be used together', hint });
  }
  const today = dateOf(new Date());
  const request = toIngestRequest('', flags, today);
  return { ...request, date: flags.date === undefined ? null : request.date };
}

/** The variables that flags override. */
export function toOverrides(flags: Pick<ParsedFlags, 'records' | 'concurrency'>): Overrides {
  return { RECORDS: flags.records ?? null, CONCURRENCY: flags.concurrency ?? null };
}

/** One core is left for the process that joins what the others have masked. */
export function toWorkers(given: number | undefined): Workers {
  if (given !== undefined) return { most: given, pagesEach: 1 };
  return { most: Math.max(1, availableParallelism() - 1), pagesEach: PAGES_EACH };
}
