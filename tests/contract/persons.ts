import { objectOf } from './contract-of.js';

const PLACE = "^[\\p{L}\\p{M} .,&()'’-]{1,80}$";
const CODE = { type: ['string', 'null'], pattern: '^[A-Z]{2}$', maxLength: 2, 'x-pii': 'quasi' };

function text(maxLength: number): Readonly<Record<string, unknown>> {
  return { type: 'string', maxLength, 'x-pii': 'direct' };
}

/** The people of the Faker API: 20 leaves, of all its generations. */
export const PERSONS = objectOf(
  {
    id: { type: 'integer', 'x-pii': 'none' },
    firstname: { ...text(100), minLength: 1 },
    lastname: { ...text(100), minLength: 1 },
    email: { ...text(254), format: 'email' },
    phone: text(40),
    birthday: { type: 'string', format: 'date', maxLength: 10, 'x-pii': 'quasi' },
    gender: { enum: ['male', 'female', 'other'], 'x-pii': 'quasi' },
    website: text(1_000),
    image: text(1_000),
    address: objectOf({
      id: { type: 'integer', 'x-pii': 'none' },
      street: text(200),
      streetName: text(200),
      buildingNumber: text(20),
      city: { ...text(80), pattern: PLACE, 'x-on-invalid': 'set_null' },
      zipcode: text(20),
      country: { ...text(80), pattern: PLACE },
      country_code: CODE,
      county_code: CODE,
      latitude: { type: 'number', minimum: -90, maximum: 90, 'x-pii': 'quasi' },
      longitude: { type: 'number', minimum: -180, maximum: 180, 'x-pii': 'quasi' },
    }),
  },
  ['firstname', 'lastname', 'email', 'birthday', 'address'],
);

/** One person who keeps the contract; `position` tells people apart. */
export function personOf(position: number): Record<string, unknown> {
  return {
    id: position + 1,
    firstname: 'Maja',
    lastname: `Öztürk ${position}`,
    email: `maja.${position}@gmail.com`,
    phone: '+4930123456',
    birthday: '1996-05-30',
    gender: 'female',
    website: 'http://example.org',
    image: 'http://example.org/x.png',
    address: addressOf(),
  };
}

export function addressOf(): Record<string, unknown> {
  return {
    id: 0,
    street: '12 Long Road',
    streetName: 'Long Road',
    buildingNumber: '12',
    city: 'Köln',
    zipcode: '04753',
    country: 'Slovakia (Slovak Republic)',
    country_code: 'SK',
    latitude: 50.94,
    longitude: -6.95,
  };
}
