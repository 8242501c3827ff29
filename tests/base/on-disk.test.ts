import { describe, expect, it } from 'vitest';
import { atStage, describeDisk, describeKept, failure, keepFacts } from '../../src/base/errors.js';

describe('what is on disk after a failure', () => {
  it.each([
    ['before anything', 'E_USAGE', {}, 'Nothing was started.'],
    ['while pages are fetched', 'E_SOURCE_STATUS', { stage: 'fetch' }, 'The lake is unchanged.'],
    [
      'while pages are fetched, some of which are kept',
      'E_SOURCE_STATUS',
      { stage: 'fetch', kept_pages: 3 },
      'The lake is unchanged. For an hour, the same command continues with the pages that came.',
    ],
    [
      'of one of several dates, also where the date is refused',
      'E_DATE_SNAPSHOT',
      { date: '2026-03-01' },
      'This date is unchanged in the lake. Data that landed before was kept.',
    ],
    [
      'while the data of the run is made visible',
      'E_DISK',
      { stage: 'commit' },
      'The new state is committed. The next command completes it.',
    ],
    [
      'while tables are built from data that the run has landed',
      'E_CHECK_FAILED',
      { stage: 'transform' },
      'Landed data was kept. The warehouse is unchanged.',
    ],
    [
      'while reports run, on tables that the run has built',
      'E_SQL_RUN',
      { stage: 'report' },
      'Landed data and tables were kept.',
    ],
  ] as const)('%s', (_, code, where, expected) => {
    expect(describeDisk({ code, where })).toBe(expected);
  });

  it('is known of a part of a run, also for errors that do not know where they happen', async () => {
    const locked = failure('E_LOCKED', { holder: 'a run', seconds: 60 });
    await expect(atStage('transform', () => Promise.reject(locked))).rejects.toMatchObject({
      onDisk: 'Landed data was kept. The warehouse is unchanged.',
    });
  });
});

describe('the texts of an error in the ledger', () => {
  it('name checks, kinds and counts', () => {
    const error = failure('E_CHECK_FAILED', { check: 'a.b', what: '3 rows', more: '; 1 more failed' });
    expect(describeKept(error.code, keepFacts(error.facts))).toEqual({
      message: error.message,
      remedy: error.remedy,
    });
  });

  it('hold no path of the machine and nothing that a source sent', () => {
    const disk = failure('E_DISK', { path: '/home/anna/lake/raw', kind: 'ENOSPC' });
    expect(keepFacts(disk.facts)).toEqual({ kind: 'ENOSPC' });
    expect(describeKept('E_DISK', keepFacts(disk.facts)).message).toBe('cannot write … (ENOSPC)');
    expect(keepFacts(failure('E_SOURCE_MORE', { sign: 'next: anna' }).facts)).toEqual({});
  });
});
