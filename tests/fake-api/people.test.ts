import { getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js';
import { expect, test } from 'vitest';
import { completeOptions } from '../../fake-api/options.js';
import type { Person } from '../../fake-api/persons/people.js';
import { renderPersonsPage } from '../../fake-api/persons/persons-page.js';
import { readPersonsQuery } from '../../fake-api/persons/persons-query.js';
import { loadVocabulary } from '../../fake-api/persons/vocabulary.js';

interface Page {
  readonly locale: string;
  readonly seed: string | null;
  readonly total: number;
  readonly data: readonly Person[];
}

async function renderPage(query: string): Promise<string> {
  const asked = readPersonsQuery(new URLSearchParams(query));
  return renderPersonsPage(asked, await loadVocabulary(asked.locale), completeOptions({}));
}

async function makePage(query: string): Promise<Page> {
  return JSON.parse(await renderPage(query)) as Page;
}

async function makeThousands(count: number): Promise<readonly Person[]> {
  const pages = await Promise.all(
    Array.from({ length: count }, (_, page) => makePage(`_quantity=1000&_seed=${String(page)}`)),
  );
  return pages.flatMap((page) => page.data);
}

function share(people: readonly Person[], holds: (person: Person) => boolean): number {
  return people.filter(holds).length / people.length;
}

test('an envelope wraps ten people when nothing is asked', async () => {
  const page = await makePage('');
  expect(page).toMatchObject({ status: 'OK', code: 200, locale: 'en_US', seed: null, total: 10 });
  expect(Object.keys(page)).toEqual(['status', 'code', 'locale', 'seed', 'total', 'data']);
  expect(page.data).toHaveLength(10);
});

test('a person has the fields of the Faker API, in its order', async () => {
  const [person] = (await makePage('_quantity=1&_seed=1')).data;
  expect(Object.keys(person ?? {})).toEqual(
    'id firstname lastname email phone birthday gender address website image'.split(' '),
  );
  expect(Object.keys(person?.address ?? {})).toEqual(
    'id street streetName buildingNumber city zipcode country country_code latitude longitude'.split(' '),
  );
});

test('a seed gives the same bytes again, comes back as text and is nobody else’s', async () => {
  const body = await renderPage('_quantity=50&_seed=42');
  expect(await renderPage('_quantity=50&_seed=42')).toBe(body);
  expect(body).toContain('"seed":"42"');
  const other = await makePage('_quantity=50&_seed=43');
  expect((JSON.parse(body) as Page).data).not.toEqual(other.data);
});

test('a larger page of a seed begins with the smaller one', async () => {
  const [small, large] = [await makePage('_quantity=5&_seed=9'), await makePage('_quantity=20&_seed=9')];
  expect(large.data.slice(0, 5)).toEqual(small.data);
});

test('without a seed every call has new people, and ids from 1 again', async () => {
  const [one, two] = [await makePage('_quantity=3'), await makePage('_quantity=3')];
  expect(one.data.map((person) => person.id)).toEqual([1, 2, 3]);
  expect(two.data.map((person) => person.id)).toEqual([1, 2, 3]);
  expect(one.data).not.toEqual(two.data);
});

test('every value has the form that the API promises', async () => {
  const place = /^[\p{L}\p{M} .,&()'’-]{1,80}$/u;
  const unusual = (await makeThousands(5)).filter(
    ({ email, phone, birthday, address }) =>
      !/^[a-z0-9.]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(email) ||
      !/^\+[1-9]\d{7,14}$/.test(phone) ||
      !/^\d{4}-\d{2}-\d{2}$/.test(birthday) ||
      !/^[0-9A-Z -]{4,10}$/.test(address.zipcode) ||
      !place.test(address.city) ||
      !place.test(address.country) ||
      Math.abs(address.latitude) > 90 ||
      Math.abs(address.longitude) > 180,
  );
  expect(unusual).toEqual([]);
});

test('the calling code is that of the country', async () => {
  const strangers = (await makeThousands(2)).filter(({ phone, address: { country_code: code } }) => {
    return !isSupportedCountry(code) || !phone.startsWith(`+${getCountryCallingCode(code)}`);
  });
  expect(strangers).toEqual([]);
});

test('people are spread as in the world', async () => {
  const people = await makeThousands(10);
  const isGerman = (person: Person): boolean => person.address.country_code === 'DE';
  const germans = people.filter(isGerman);
  const years = people.map((person) => 2025 - Number(person.birthday.slice(0, 4)));
  expect(share(people, isGerman)).toBeGreaterThan(0.05);
  expect(share(people, isGerman)).toBeLessThan(0.12);
  expect(share(people, (person) => person.email.endsWith('@gmail.com'))).toBeGreaterThan(0.25);
  expect(share(germans, (person) => person.email.endsWith('@gmx.de'))).toBeGreaterThan(0.1);
  expect(new Set(people.map((person) => person.address.country)).size).toBeGreaterThan(50);
  expect(people.some((person) => person.address.country === 'Slovakia (Slovak Republic)')).toBe(true);
  expect(people.some((person) => person.address.zipcode.startsWith('0'))).toBe(true);
  expect([Math.min(...years), Math.max(...years)]).toEqual([1, 96]);
  expect(
    share(people, (person) => person.birthday < '1965' && person.email.endsWith('@gmail.com')),
  ).toBeGreaterThan(0.03);
});

test('15 to 25 percent of the mail domains are made from a surname', async () => {
  const people = await makeThousands(5);
  const own = share(people, ({ email, lastname }) => {
    const slug = lastname.toLowerCase().replace(/[^a-z]/g, '');
    return email.includes(`@${slug}.`);
  });
  expect(own).toBeGreaterThan(0.15);
  expect(own).toBeLessThan(0.25);
});

test('nobody is met twice in 10,000', async () => {
  const people = await makeThousands(10);
  const keys = people.map(({ firstname, lastname, email, phone, birthday }) =>
    [firstname, lastname, email, phone, birthday].join('|'),
  );
  expect(new Set(keys).size).toBe(people.length);
});

test.each(['de_DE', 'ja_JP', 'ru_RU', 'fr_FR'])('locale %s has people of its own', async (locale) => {
  const page = await makePage(`_quantity=200&_seed=1&_locale=${locale}`);
  const american = await makePage('_quantity=200&_seed=1');
  expect(page.locale).toBe(locale);
  expect(page.data.map((person) => person.lastname)).not.toEqual(
    american.data.map((person) => person.lastname),
  );
  expect(page.data.every((person) => /^[a-z0-9.]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(person.email))).toBe(true);
});
