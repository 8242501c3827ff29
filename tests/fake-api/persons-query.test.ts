import { expect, test } from 'vitest';
import { drawBirthday } from '../../fake-api/persons/birthdays.js';
import { type PersonsQuery, readPersonsQuery } from '../../fake-api/persons/persons-query.js';
import { createRandom } from '../../fake-api/server/random.js';

function read(query: string): PersonsQuery {
  return readPersonsQuery(new URLSearchParams(query));
}

test.each([
  ['', 10],
  ['_quantity=1', 1],
  ['_quantity=1000', 1000],
  ['_quantity=1001', 1000],
  ['_quantity=999999999', 1000],
  ['_quantity=0', 10],
  ['_quantity=-5', 10],
  ['_quantity=ten', 10],
  ['_quantity=1.5', 10],
])('%j asks for %i people', (query, quantity) => {
  expect(read(query).quantity).toBe(quantity);
});

test.each([
  ['', 'en_US'],
  ['_locale=de_DE', 'de_DE'],
  ['_locale=xx_XX', 'en_US'],
  ['_locale=__proto__', 'en_US'],
])('%j is answered in %s', (query, locale) => {
  expect(read(query).locale).toBe(locale);
});

test.each([
  ['', null],
  ['_gender=male', 'male'],
  ['_gender=female', 'female'],
  ['_gender=Female', null],
])('%j asks for gender %s', (query, gender) => {
  expect(read(query).gender).toBe(gender);
});

test.each([
  ['', null],
  ['_seed=', null],
  ['_seed=12', '12'],
  ['_seed=007', '007'],
])('%j has the seed %s', (query, seed) => {
  expect(read(query).seed).toBe(seed);
});

test.each([
  ['_birthday_start=2005-01-01', '2005-01-01', '2025-01-01'],
  ['_birthday_end=1950-12-31', '1929-01-01', '1950-12-31'],
  ['_birthday_start=1980-02-28&_birthday_end=1980-03-01', '1980-02-28', '1980-03-01'],
  ['_birthday_start=1980-02-29&_birthday_end=1980-02-29', '1980-02-29', '1980-02-29'],
  ['_birthday_start=2031-01-01', '2031-01-01', '2031-01-01'],
  ['_birthday_end=1800-01-01', '1800-01-01', '1800-01-01'],
])('%s bounds every birthday', (query, first, last) => {
  const { birthdays } = read(query);
  const random = createRandom(query);
  const drawn = Array.from({ length: 500 }, () => drawBirthday(random, birthdays)).sort();
  expect(birthdays).not.toBeNull();
  expect(drawn[0] && drawn[0] >= first).toBe(true);
  expect(drawn.at(-1) && (drawn.at(-1) ?? '') <= last).toBe(true);
});

test.each([
  '_birthday_start=2023-02-29',
  '_birthday_start=yesterday',
  '_birthday_start=2001-01-01&_birthday_end=2000-01-01',
])('%s is passed over', (query) => {
  expect(read(query).birthdays).toBeNull();
});
