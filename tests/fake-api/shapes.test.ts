import { expect, test } from 'vitest';
import { completeOptions, type EmbeddedOptions } from '../../fake-api/options.js';
import { renderPersonsPage } from '../../fake-api/persons/persons-page.js';
import { readPersonsQuery } from '../../fake-api/persons/persons-query.js';
import { loadVocabulary } from '../../fake-api/persons/vocabulary.js';
import { DRIFTS } from '../../fake-api/server/drift.js';

type Json = Readonly<Record<string, unknown>>;
interface Shaped extends Json {
  readonly gender: string;
  readonly address: Json;
}

async function makeRecords(options: EmbeddedOptions, extra = ''): Promise<readonly Shaped[]> {
  const query = readPersonsQuery(new URLSearchParams(`_quantity=1000&_seed=5${extra}`));
  const body = renderPersonsPage(query, await loadVocabulary('en_US'), completeOptions(options));
  return (JSON.parse(body) as { data: readonly Shaped[] }).data;
}

test('the first generation has a county_code of no meaning and no address id', async () => {
  const today = await makeRecords({});
  const records = await makeRecords({ generation: 'v1' });
  expect(records.every(({ address }) => address['id'] === 0)).toBe(true);
  expect(records.every(({ address }) => !('country_code' in address))).toBe(true);
  const agreeing = records.filter(
    ({ address }, at) => address['county_code'] === today[at]?.address['country_code'],
  );
  expect(agreeing.length).toBeLessThan(200);
});

test('the generation of 2022 has the country’s code as county_code, and people of other gender', async () => {
  const today = await makeRecords({});
  const records = await makeRecords({ generation: '2022' });
  expect(records.map(({ address }) => address['county_code'])).toEqual(
    today.map(({ address }) => address['country_code']),
  );
  expect(records.every(({ address }) => !('country_code' in address))).toBe(true);
  expect(new Set(records.map(({ gender }) => gender))).toEqual(new Set(['male', 'female', 'other']));
  const women = await makeRecords({ generation: '2022' }, '&_gender=female');
  expect(new Set(women.map(({ gender }) => gender))).toEqual(new Set(['female']));
});

test.each(['v1', '2022'] as const)('generation %s shows the people of today’s seed', async (generation) => {
  const names = (records: readonly Shaped[]): unknown[] => records.map((record) => record['email']);
  expect(names(await makeRecords({ generation }))).toEqual(names(await makeRecords({})));
});

test('drift adds a field', async () => {
  const records = await makeRecords({ drift: ['new_field'] });
  expect(records.every((record) => /^\d{3}-\d{2}-\d{4}$/.test(String(record['ssn'])))).toBe(true);
});

test('drift takes a field away', async () => {
  expect((await makeRecords({ drift: ['missing_field'] })).some((record) => 'birthday' in record)).toBe(
    false,
  );
});

test('drift changes a type', async () => {
  const records = await makeRecords({ drift: ['changed_type'] });
  expect(records.every((record) => Number.isSafeInteger(record['phone']))).toBe(true);
});

test('drift brings a value that no list names', async () => {
  const genders = (await makeRecords({ drift: ['new_enum_value'] })).map((record) => record.gender);
  expect(new Set(genders)).toEqual(new Set(['male', 'female', 'nonbinary']));
});

test('all drifts at once leave the rest of the record alone', async () => {
  const [plain, drifted] = [await makeRecords({}), await makeRecords({ drift: DRIFTS })];
  expect(drifted.map((record) => record['email'])).toEqual(plain.map((record) => record['email']));
});
