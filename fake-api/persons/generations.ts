import { drawFrom, type Random } from '../server/random.js';
import { COUNTRIES } from './countries.js';
import type { PeopleQuery, Person } from './people.js';

/** The three shapes in which the same address has answered over the years. */
export const GENERATIONS = ['v1', '2022', 'today'] as const;
export type Generation = (typeof GENERATIONS)[number];

/** A record on its way out, in the order in which its fields are written. */
export type ApiRecord = Record<string, unknown>;

const SHARE_OF_OTHER = 0.04;

/** A person in the shape of a generation; draws come from a generator of their own, so that people stay the same. */
export function shapePerson(
  person: Person,
  generation: Generation,
  query: PeopleQuery,
  random: Random,
): ApiRecord {
  switch (generation) {
    case 'today':
      return { ...person };
    case '2022':
      return {
        ...person,
        gender: query.gender === null && random() < SHARE_OF_OTHER ? 'other' : person.gender,
        address: renameCountryCode(person, person.address.id, person.address.country_code),
      };
    case 'v1':
      return { ...person, address: renameCountryCode(person, 0, drawFrom(random, COUNTRIES).code) };
    default:
      return generation satisfies never;
  }
}

function renameCountryCode({ address }: Person, id: number, countyCode: string): ApiRecord {
  return {
    id,
    street: address.street,
    streetName: address.streetName,
    buildingNumber: address.buildingNumber,
    city: address.city,
    zipcode: address.zipcode,
    country: address.country,
    county_code: countyCode,
    latitude: address.latitude,
    longitude: address.longitude,
  };
}
