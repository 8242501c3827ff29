import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compilePolicy } from '../../src/anonymize/compile-policy.js';
import type { Treatment } from '../../src/anonymize/treatment.js';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import type { TreatmentParams } from '../../src/base/types/definition.js';
import { planLanding } from '../../src/ingest/plan-landing.js';
import { LandingRoom } from '../../src/lake/landing-room.js';
import { Bench, columnOf, datasetOf, KEY, pageOf } from './bench.js';
import { failureOf, NAME, replaceSql, withRoom } from './rooms.js';

const NAMES = ['Maja', 'Öztürk', 'Ann', 'Li', 'José-María', 'Søren', '+4930123456', '+19307538271', 'O'];

/** Masks names by a treatment that may be weak, and lands them as a run does. */
async function land(params: TreatmentParams, treatments: ReadonlyMap<string, Treatment>): Promise<number> {
  const dataset = datasetOf([columnOf('firstname', [NAME], 'mask', params)]);
  const policy = compilePolicy(dataset, KEY.id, treatments);
  return withRoom({ policy }, async (safe, stagingDir) => {
    const landing = await LandingRoom.open({
      stagingDir,
      compression: 'zstd',
      memoryLimitMb: 200,
      threads: 1,
    });
    try {
      await safe.mask(
        pageOf(
          [NAME],
          NAMES.map((name) => [name]),
        ),
      );
      const landed = await landing.land(planLanding(dataset, policy), await safe.finish(), 0);
      return landed.files.reduce((rows, file) => rows + file.rows, 0);
    } finally {
      landing.close();
    }
  });
}

type Weak = readonly [what: string, sql: (leaf: string) => string];

const WEAK: readonly Weak[] = [
  ['keeps the value', (leaf) => leaf],
  ['keeps all but the last character, and adds the marks', (leaf) => `left(${leaf}, -1) || '*****'`],
  ['writes base64', (leaf) => `base64(encode(${leaf}))`],
  ['gives the value of the neighbour', (leaf) => `lag(${leaf}) over ()`],
];

const WEAKER: readonly Weak[] = [
  ['keeps all but the first character', (leaf) => `'*' || substr(${leaf}, 2)`],
  ['keeps all but the first character, and adds the marks', (leaf) => `'*****' || substr(${leaf}, 2)`],
  ['writes base64 between marks', (leaf) => `'*****' || base64(encode(${leaf}))`],
  ['writes the value backwards', (leaf) => `reverse(${leaf})`],
  ['masks, and adds the neighbour', (leaf) => `'*****' || lead(${leaf}, 1, '') over ()`],
  ['hides the value between two runs of marks', (leaf) => `'*****' || ${leaf} || '*****'`],
  ['keeps the length', (leaf) => `repeat('*', length(${leaf}))`],
];

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => {
  bench.close();
});

describe('what a treatment weaker than its shape made does not land: it', () => {
  test.each(WEAK)('%s', async (_, sql) => {
    const error = await failureOf(() => land({ keep_first: 1, keep_last: 1 }, replaceSql('mask', sql)));
    expect([error.code, error.exit]).toEqual(['E_SHAPE', 5]);
    expect(error.message).toContain('column firstname in people');
    for (const name of NAMES.filter(({ length }) => length > 2)) expect(error.message).not.toContain(name);
  });

  test('(the true one lands)', async () => {
    expect(await land({ keep_first: 1, keep_last: 1 }, TREATMENTS)).toBe(NAMES.length);
  });
});

describe.each<{ params: TreatmentParams }>([
  { params: {} },
  { params: { keep_last: 4 } },
  { params: { keep_first: 2, keep_last: 2 } },
  { params: { keep_country: true } },
])('the shape of mask $params is missed where a treatment', ({ params }) => {
  const rows = NAMES.map((name) => [name]);

  test.each([...WEAK, ...WEAKER])('%s', async (_, sql) => {
    const subject = { treatment: 'mask', params, leaves: [NAME] };
    const treated = await bench.treat(subject, rows, replaceSql('mask', sql));
    expect(treated.some(({ value, hasShape }) => value !== null && !hasShape)).toBe(true);
  });
});

describe('a treatment that gives the value back misses the shape of', () => {
  test.each<[string, TreatmentParams, string]>([
    ['redact', {}, 'Maja'],
    ['mask_email', {}, 'maja@gmail.com'],
    ['mask_email', {}, '***@schmidt.example'],
    ['mask_email', { providers: 'any' }, 'maja@gmail.com'],
    ['email_domain', {}, 'schmidt.example'],
    ['email_domain', { providers: 'any' }, 'maja@schmidt.example'],
    ['token', { scope: 'person' }, 'Maja'],
    ['prefix', { length: 2 }, '04753'],
  ])('%s %j: %s', async (treatment, params, value) => {
    const identity = replaceSql(treatment, (leaf) => leaf);
    const treated = await bench.treat({ treatment, params, leaves: [NAME] }, [[value]], identity);
    expect(treated).toEqual([{ value, hasShape: false }]);
  });
});
