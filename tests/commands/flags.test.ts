import { Command } from '@oclif/core/command';
import { describe, expect, it } from 'vitest';
import {
  choiceFlag,
  dateFlag,
  integerFlag,
  momentFlag,
  pipelineArg,
  resolveDate,
  sourceFlag,
} from '../../commands/cli/flags.js';
import { toIngestRequest } from '../../commands/cli/ingest-flags.js';
import { toUsageError, UsageError } from '../../commands/cli/usage-error.js';

class Probe extends Command {
  static override flags = {
    date: dateFlag(),
    at: momentFlag(),
    records: integerFlag({ min: 1, max: 50_000_000 }),
    source: sourceFlag(),
    format: choiceFlag({ choices: ['csv', 'json'], exclusive: ['date'] }),
  };
  static override args = { pipeline: pipelineArg() };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Probe);
    return { ...args, ...flags };
  }

  protected override catch(error: Error): Promise<never> {
    throw error;
  }
}

const options = { root: process.cwd(), pjson: { name: 'probe', version: '1.0.0', oclif: {} } };
const parse = (...argv: string[]): Promise<unknown> => Probe.run(argv, options);

async function refusal(...argv: string[]) {
  const error: unknown = await parse(...argv).catch((thrown: unknown) => thrown);
  if (error instanceof UsageError) return error.failure;
  if (!(error instanceof Error)) throw new Error('it was accepted');
  return toUsageError(error, { command: 'probe', flags: Object.keys(Probe.flags), args: [] });
}

describe('flags', () => {
  it('are given as they are meant', async () => {
    const given = await parse(
      'bookings',
      '--date',
      '2024-02-29',
      '--records',
      '30000',
      '--source',
      'http://[::1]:8080/api',
    );
    expect(given).toEqual({
      pipeline: 'bookings',
      date: '2024-02-29',
      records: 30_000,
      source: 'http://[::1]:8080/api',
    });
  });

  it('leave open what is not said', async () => {
    expect(await parse()).toEqual({});
  });

  it.each([
    '2026-13-40',
    '2023-02-29',
    'yesterday',
    '',
    '2026-1-5',
    '2026-11-20T13',
    '0000-01-01',
    ' 2026-11-20',
  ])('refuse the date %j, with an example', async (date) => {
    expect(await refusal('--date', date)).toMatchObject({
      code: 'E_DATE',
      exit: 2,
      message: 'invalid date: dates have the form YYYY-MM-DD',
      remedy: 'for example: `--date 2026-11-20`',
    });
  });

  it.each(['0', '-5', '1.5', '', '1e3', '0x10', '50000001', '99999999999999999999', 'many', '+5'])(
    'refuse %j for a count, with what is accepted',
    async (records) => {
      expect(await refusal('--records', records)).toMatchObject({
        code: 'E_USAGE',
        exit: 2,
        message: '--records must be a whole number from 1 to 50,000,000',
      });
    },
  );

  it.each([
    ['https://user:canary@example.org/', 'E_URL', 'a user name or password'],
    ['https://canary@example.org/', 'E_URL', 'a user name or password'],
    ['https://example.org/?key=canary', 'E_URL', 'a query'],
    ['https://example.org/?', 'E_URL', 'a query'],
    ['https://example.org/#canary', 'E_URL', 'a fragment'],
    ['ftp://example.org/canary', 'E_USAGE', 'http(s) URL'],
    ['example.org/canary', 'E_USAGE', 'http(s) URL'],
    ['', 'E_USAGE', 'http(s) URL'],
  ])('refuse %j for a source, without showing it', async (source, code, what) => {
    const error = await refusal('--source', source);
    expect(error).toMatchObject({ code, exit: 2 });
    expect(error.message).toContain(what);
    expect(error.message + error.remedy).not.toContain('canary');
  });

  it('refuse a word that is not on the list, with the list', async () => {
    expect(await refusal('--format', 'canary')).toMatchObject({
      message: '--format must be one of csv, json',
    });
  });

  it('refuse flags that cannot be used together, without their values', async () => {
    const error = await refusal('--format', 'csv', '--date', '2024-02-29');
    expect(error.message).toBe('--date, --format cannot be used together');
  });

  it.each(['Persons', '../persons', 'persons;drop', '1persons', 'a'.repeat(64)])(
    'refuse %j for the name of a pipeline',
    async (name) => {
      expect(await refusal(name)).toMatchObject({ code: 'E_NAME', exit: 2 });
    },
  );
});

describe('the date of a run', () => {
  const today = '2026-11-20';

  it('is today unless another is given', () => {
    expect(resolveDate(undefined, false, today)).toBe('2026-11-20');
    expect(resolveDate('2020-01-01', false, today)).toBe('2020-01-01');
  });

  it('is tomorrow at the latest, unless the future is allowed', () => {
    expect(resolveDate('2026-11-21', false, today)).toBe('2026-11-21');
    expect(() => resolveDate('2026-11-22', false, today)).toThrow(
      expect.objectContaining({ code: 'E_DATE_FUTURE', exit: 2 }),
    );
    expect(resolveDate('2026-11-22', true, today)).toBe('2026-11-22');
  });
});

describe('a date with an hour', () => {
  it.each(['2026-11-20', '2026-11-20T00', '2026-11-20T23'])('may be %s', async (at) => {
    expect(await parse('--at', at)).toMatchObject({ at });
  });

  it.each([
    '2026-11-20T24',
    '2026-11-20T7',
    '2026-11-20T',
    '2026-11-20T13:00',
    '2026-11-20T13T13',
    '2026-02-30T13',
    'T13',
  ])('may not be %s', async (at) => {
    expect(await refusal('--at', at)).toMatchObject({ code: 'E_DATE' });
  });

  it('is taken by the verbs that fetch, and goes with the date', () => {
    const flags = { ...NO_FLAGS, date: '2026-11-20T13' };
    const asked = toIngestRequest('bookings', flags, '2026-11-20');
    expect(asked).toMatchObject({ date: '2026-11-20', slot: '13' });
    const today = toIngestRequest('bookings', NO_FLAGS, '2026-11-20');
    expect(today).toMatchObject({ date: '2026-11-20', slot: null });
  });
});

const NO_FLAGS = {
  ...{
    date: undefined,
    'allow-future': false,
    records: undefined,
    source: undefined,
    concurrency: undefined,
    workers: undefined,
  },
  ...{ seed: undefined, force: false, 'as-of-now': false },
};
