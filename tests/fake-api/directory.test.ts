import { expect, test } from 'vitest';
import type { DirectoryUser } from '../../fake-api/directory/directory-users.js';
import { ask, askRecords } from './ask.js';

const DAY = '2026-11-20';
const LATER = '2027-11-20';
const ALL = (day: string, page = 1) => `/users?date=${day}&_page=${String(page)}&_limit=1000`;

async function askAll(day: string, seed = 'lakeveil'): Promise<readonly DirectoryUser[]> {
  const pages = [1, 2, 3].map((page) => askRecords<DirectoryUser>(ALL(day, page), { seed }));
  return (await Promise.all(pages)).flat();
}

test('a user has the fields of JSONPlaceholder', async () => {
  const users = await askAll(DAY);
  const whole = users.find(({ address, company, phone }) => address.geo && company && phone !== undefined);
  expect(Object.keys(whole ?? {})).toEqual('id name username email address phone website company'.split(' '));
  expect(Object.keys(whole?.address ?? {})).toEqual('street suite city zipcode geo'.split(' '));
  expect(Object.keys(whole?.address.geo ?? {})).toEqual(['lat', 'lng']);
  expect(Object.keys(whole?.company ?? {})).toEqual(['name', 'catchPhrase', 'bs']);
  expect(whole?.address.geo?.lat).toMatch(/^-?\d{1,2}\.\d{4}$/);
  expect(new Set(users.map(({ id }) => id)).size).toBe(users.length);
});

test('what is not known is null or not there, of a few', async () => {
  const users = await askAll(DAY);
  for (const few of [
    users.filter(({ email }) => email === null),
    users.filter(({ phone }) => phone === undefined),
    users.filter(({ address }) => address.geo === undefined),
    users.filter(({ company }) => company === null),
    users.filter(({ name }) => !name.includes(' ')),
    users.filter(({ name }) => /^(Mr|Mrs|Ms|Dr)\. /.test(name)),
  ]) {
    expect(few.length).toBeGreaterThan(0);
    expect(few.length).toBeLessThan(0.1 * users.length);
  }
  expect(users.some(({ email }) => email !== null && /[A-Z]/.test(email))).toBe(true);
});

test('the same seed and date give the same bytes, others do not', async () => {
  const { body } = await ask(ALL(DAY));
  expect((await ask(ALL(DAY))).body).toBe(body);
  expect((await ask(ALL(DAY), { seed: 'another' })).body).not.toBe(body);
  expect((await ask(ALL(LATER))).body).not.toBe(body);
});

test('pages follow each other without a gap, and end empty', async () => {
  const all = await askAll(DAY);
  const page = (n: number) => askRecords<DirectoryUser>(`/users?date=${DAY}&_page=${String(n)}&_limit=7`);
  expect([...(await page(1)), ...(await page(2)), ...(await page(3))]).toEqual(all.slice(0, 21));
  expect(await page(10_000)).toEqual([]);
  expect(await askRecords(`/users?date=${DAY}&_page=1`)).toEqual(all.slice(0, 10));
});

test('people join, leave and change their company, and stay who they are', async () => {
  const [before, after] = [await askAll(DAY), await askAll(LATER)];
  const then = new Map(before.map((user) => [user.id, user]));
  const stayed = after.flatMap((user) => {
    const known = then.get(user.id);
    return known === undefined ? [] : [[known, user] as const];
  });
  expect(after.length - stayed.length).toBeGreaterThan(300);
  expect(before.length - stayed.length).toBeGreaterThan(20);
  const moved = stayed.filter(([old, now]) => old.company?.name !== now.company?.name);
  expect(moved.length).toBeGreaterThan(0.2 * stayed.length);
  expect(moved.length).toBeLessThan(0.9 * stayed.length);
  expect(stayed.filter(([old, now]) => old.name !== now.name || old.email !== now.email)).toEqual([]);
});

test('companies end in each of the ways', async () => {
  const names = (await askAll(DAY)).flatMap(({ company }) => company?.name ?? []);
  for (const ending of [/ Inc$/, / LLC$/, / Group$/, / and Sons$/, /^[^ ]+-[^ ]+$/])
    expect(names.filter((name) => ending.test(name)).length).toBeGreaterThan(0.05 * names.length);
});

test.each(['date=soon&_page=1', '_page=0', '_page=1&_limit=0', '_page=1&_limit=1001', '_page=x', '_page='])(
  'a request with %s is refused',
  async (query) => {
    expect(await ask(`/users?${query}`)).toMatchObject({ status: 400 });
  },
);

test('without a page the address is that of the store', async () => {
  const [user] = await askRecords<object>(`/users?date=${DAY}`);
  expect(user).toHaveProperty('password');
});
