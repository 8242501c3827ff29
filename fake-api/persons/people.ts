import { drawFrom, drawInteger, drawPattern, type Random } from '../server/random.js';
import { type DayRange, drawBirthday } from './birthdays.js';
import { COUNTRIES } from './countries.js';
import { listMailDomains, OWN_DOMAIN } from './mail-providers.js';
import type { Name, Vocabulary } from './vocabulary.js';

/** A person as the Faker API gives one today. */
export interface Person {
  readonly id: number;
  readonly firstname: string;
  readonly lastname: string;
  readonly email: string;
  /** Like E.164: `+19307538271`. */
  readonly phone: string;
  /** `YYYY-MM-DD`. */
  readonly birthday: string;
  readonly gender: 'male' | 'female';
  readonly address: Address;
  readonly website: string;
  readonly image: string;
}

export interface Address {
  readonly id: number;
  readonly street: string;
  readonly streetName: string;
  readonly buildingNumber: string;
  readonly city: string;
  /** Text: it may begin with zeros. */
  readonly zipcode: string;
  readonly country: string;
  /** ISO 3166-1 alpha-2. */
  readonly country_code: string;
  readonly latitude: number;
  readonly longitude: number;
}

/** What a request may ask of the people. */
export interface PeopleQuery {
  readonly gender: 'male' | 'female' | null;
  readonly birthdays: DayRange | null;
}

/** One more person. `id` counts within a response from 1, so it names nobody across requests. */
export function makePerson(id: number, query: PeopleQuery, words: Vocabulary, random: Random): Person {
  const gender = query.gender ?? (random() < 0.5 ? 'male' : 'female');
  const firstname = drawFrom(random, words.firstnames[gender]);
  const lastname = drawFrom(random, words.lastnames);
  const country = drawFrom(random, COUNTRIES);
  return {
    id,
    firstname: firstname.text,
    lastname: lastname.text,
    email: drawEmail(random, firstname, lastname, country.code),
    phone: drawPattern(random, country.phone),
    birthday: drawBirthday(random, query.birthdays),
    gender,
    address: drawAddress(id, words, country, random),
    website: `http://${lastname.slug || 'example'}.com`,
    image: 'http://placeimg.com/640/480/people',
  };
}

function drawAddress(
  id: number,
  words: Vocabulary,
  country: (typeof COUNTRIES)[number],
  random: Random,
): Address {
  const streetName = drawFrom(random, words.streets);
  const buildingNumber = String(1 + drawInteger(random, 9_999));
  return {
    id,
    street: `${buildingNumber} ${streetName}`,
    streetName,
    buildingNumber,
    city: drawFrom(random, words.cities),
    zipcode: drawPattern(random, country.zipcode),
    country: country.name,
    country_code: country.code,
    latitude: drawDegrees(random, 90),
    longitude: drawDegrees(random, 180),
  };
}

/** Six decimals, anywhere on the globe: the Faker API does not look where the country lies either. */
function drawDegrees(random: Random, limit: number): number {
  return Math.round((random() * 2 - 1) * limit * 1e6) / 1e6;
}

const OWN_ENDINGS = ['com', 'org', 'net', 'info', 'biz'];

/** An address as the people of a country have them: at a provider, or at a domain of the surname. */
export function drawEmail(random: Random, firstname: Name, lastname: Name, countryCode: string): string {
  const provider = drawFrom(random, listMailDomains(countryCode));
  const domain = provider === OWN_DOMAIN ? drawOwnDomain(random, lastname) : provider;
  return `${drawMailbox(random, firstname.slug, lastname.slug)}@${domain}`;
}

function drawOwnDomain(random: Random, lastname: Name): string {
  return `${lastname.slug || 'example'}.${drawFrom(random, OWN_ENDINGS)}`;
}

function drawMailbox(random: Random, first: string, last: string): string {
  const number = String(drawInteger(random, 100));
  if (first === '' || last === '') return `${first}${last}user${String(drawInteger(random, 1e6))}`;
  const forms = [
    `${first}.${last}`,
    `${last}.${first}`,
    `${first}${number}`,
    `${first.charAt(0)}${last}${number}`,
  ];
  return drawFrom(random, forms);
}
