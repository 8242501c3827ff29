import * as Flags from '@oclif/core/flags';
import type { IngestRequest } from '../../src/ingest/plan-ingest.js';
import type { Overrides } from '../../src/project.js';
import { allowFutureFlag, integerFlag, momentFlag, resolveDate, sourceFlag } from './flags.js';

/** What `run` and `ingest` have in common: which date, from where, how much. */
export const INGEST_FLAGS = {
  date: momentFlag({
    summary: 'Logical date, with the hour where a dataset lands by the hour; default now (UTC).',
  }),
  'allow-future': allowFutureFlag,
  records: integerFlag({ summary: 'How many records to ask for.', name: 'records', min: 1, max: 50_000_000 }),
  source: sourceFlag({ summary: '`embedded`, or the URL of the API in place of the definition’s.' }),
  concurrency: integerFlag({ summary: 'Pages in flight at most.', name: 'concurrency', min: 1, max: 256 }),
  seed: Flags.string({ summary: 'Seed of a seeded source; default the date.', helpValue: 'S' }),
  force: Flags.boolean({ summary: 'Let embedded data replace real data, and land a pruned date again.' }),
  'as-of-now': Flags.boolean({ summary: 'Take today’s state of a snapshot for another date.' }),
};

interface ParsedFlags {
  readonly date: string | undefined;
  readonly 'allow-future': boolean;
  readonly records: number | undefined;
  readonly source: string | undefined;
  readonly concurrency: number | undefined;
  readonly seed: string | undefined;
  readonly force: boolean;
  readonly 'as-of-now': boolean;
}

/** @throws E_DATE_FUTURE */
export function toIngestRequest(pipeline: string, flags: ParsedFlags, now: Date): IngestRequest {
  const [date, slot] = flags.date?.split('T') ?? [];
  return {
    pipeline,
    date: resolveDate(date, flags['allow-future'], now),
    slot: slot ?? null,
    dataset: null,
    source: flags.source ?? null,
    seed: flags.seed ?? null,
    force: flags.force,
    asOfNow: flags['as-of-now'],
    limitPages: null,
  };
}

/** The variables that flags stand for. */
export function toOverrides(flags: Pick<ParsedFlags, 'records' | 'concurrency'>): Overrides {
  return { RECORDS: flags.records ?? null, CONCURRENCY: flags.concurrency ?? null };
}
