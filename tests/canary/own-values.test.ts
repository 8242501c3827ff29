import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import type { RunResult } from '../../src/base/types/result.js';
import { makeSampleProject } from '../commands/sample-project.js';
import { json, startStubApi } from '../support/stub-api.js';

/** Raw values that a source puts where they do not belong: nothing of them is on disk after a run of `persons`. */

const FEW = 30;
const PEOPLE = 120;

type Faulty = Readonly<Record<string, string>>;

/** A person as the Faker API sends one; what is raw is unmistakable. */
function makePerson(index: number, { firstname, lastname, city, country }: Faulty) {
  return {
    id: index,
    firstname: firstname ?? `Kanaryfirst${index}`,
    lastname: lastname ?? `Kanarylast${index}`,
    email: `kanary.mail${index}@gmail.com`,
    phone: `+49151555${String(10_000 + index)}`,
    birthday: `19${60 + (index % 30)}-05-17`,
    gender: index % 2 === 0 ? 'female' : 'male',
    address: {
      ...{
        street: `Kanarystreet ${index}`,
        streetName: 'Kanarystreet',
        buildingNumber: '7',
        zipcode: '10115',
      },
      city: city ?? 'Berlin',
      country: country ?? 'Germany',
      ...{ country_code: 'DE', latitude: 52.5, longitude: 13.4, id: index },
    },
    website: `https://kanary${index}.example`,
    image: `https://kanary${index}.example/i.png`,
  };
}

/** What is wrong with each of the first people. */
const FAULTS: readonly Faulty[] = [
  { firstname: Buffer.from('kanary.mail0@gmail.com').toString('base64') },
  { city: 'kanary.mail0@gmail.com' },
  { city: 'Kanaryfirst Kanarylast', firstname: 'Kanaryfirst', lastname: 'Kanarylast' },
  { city: 'KANARYLAST', lastname: 'Kanarylast' },
];

afterEach(() => {
  vi.unstubAllEnvs();
});

it('values in other fields of their record are withheld, and no form of one is on disk', async () => {
  const people = Array.from({ length: PEOPLE }, (_, index) => {
    const isNamesake = index >= FAULTS.length && index < FAULTS.length + FEW - 2;
    const namesake = { firstname: 'Jordan', country: 'Jordan' };
    return makePerson(index, FAULTS[index] ?? (isNamesake ? namesake : {}));
  });
  const api = await startStubApi(() => json({ status: 'OK', code: 200, total: PEOPLE, data: people }));
  vi.stubEnv('FAKER_API_URL', api.url);
  vi.stubEnv('ALLOW_LOCAL_KEY', '1');
  const project = makeSampleProject();
  try {
    const { exit, document } = await project.ask('run', '--records', String(PEOPLE), '--date', '2026-11-20');
    expect(exit).toBe(0);
    const [dataset] = (document as RunResult).datasets;
    expect(dataset).toMatchObject({
      landed: PEOPLE,
      withheld: FEW,
      nulled: [{ path: 'address.city', count: 1 }],
    });
    const file = join(project.dir, 'values.txt');
    const values = people.flatMap((one) => [
      one.lastname,
      one.email,
      one.phone,
      one.website,
      one.address.street,
    ]);
    writeFileSync(file, [...values, FAULTS[0]?.firstname ?? ''].join('\n'));
    const scanned = await project.ask('leakscan', '--canary', file);
    expect(scanned.document).toMatchObject({ status: 'clean', findings: [] });
  } finally {
    project.remove();
    await api.close();
  }
});
