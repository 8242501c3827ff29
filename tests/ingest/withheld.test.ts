import { expect, it } from 'vitest';
import { json, startStubApi } from '../support/stub-api.js';
import { makeProject } from './land-project.js';

/** People whose city is a name of theirs, as a whole ingest lands them. */

const page = (url: string, more = ''): string => `pipeline: shop
source: { base_url: '${url}', allow_http: true }
datasets:
  people:
    time: by_date
    request: { path: '/people/{date}', records: people, pagination: { type: none } }
    contract:
      schema:
        type: object
        required: [name, city]
        properties:
          name: { type: string, maxLength: 40, x-pii: direct }
          city: { type: string, maxLength: 40, x-pii: quasi }
    landing:
      person_token: { from: name, treat: token, scope: person }
      name: { from: name, treat: redact }
      city: { from: city, treat: keep, reviewed: a city }
${more}`;

const people = (count: number, named: number): { name: string; city: string }[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `Jordan Nr${index}`,
    city: index < named ? 'JORDAN' : 'Rome',
  }));

async function land(count: number, named: number, more = '') {
  const api = await startStubApi(() => json({ people: people(count, named) }));
  const project = await makeProject({ 'pipelines/shop.yaml': page(api.url, more) });
  const result = await project.land().then(
    (landed) => landed.datasets[0],
    (error: unknown) => error,
  );
  await api.close();
  return { project, result };
}

it('a few cells land null, and are counted in the result and the manifest', async () => {
  const { project, result } = await land(4000, 40);
  expect(result).toMatchObject({ landed: 4000, withheld: 40 });
  const rows = await project.rows('2026/03/01/people.parquet');
  expect(rows.filter((row) => (row as { city: unknown }).city === null)).toHaveLength(40);
  expect((await project.manifest('2026/03/01/people.manifest.json')).withheld).toBe(40);
});

it('thirty cells land null whatever their share is', async () => {
  expect((await land(30, 30)).result).toMatchObject({ landed: 30, withheld: 30 });
});

it('more than one in a hundred land nothing, unless the definition allows it', async () => {
  const { project, result } = await land(4000, 41);
  expect(result).toMatchObject({ code: 'E_WITHHELD', exit: 5 });
  await expect(project.rows('2026/03/01/people.parquet')).rejects.toThrow();
  expect((await land(4000, 41, '    max_withheld: 2%\n')).result).toMatchObject({
    landed: 4000,
    withheld: 41,
  });
  expect((await land(1000, 500, '    prove: off\n')).result).toMatchObject({ landed: 1000, withheld: null });
});
