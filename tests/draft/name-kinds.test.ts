import { describe, expect, it } from 'vitest';
import { type Kind, kindOfName } from '../../src/draft/name-kinds.js';
import { isFieldName, isKeyedMap } from '../../src/draft/names.js';

const NAMES: readonly (readonly [Kind | null, string])[] = [
  ['secret', 'password'],
  ['secret', 'apiKey'],
  ['secret', 'ACCESS_TOKEN'],
  ['secret', 'client-secret'],
  ['email', 'emailAddress'],
  ['email', 'e-mail'],
  ['phone', 'mobile_no'],
  ['financial', 'iban'],
  ['financial', 'creditCardNumber'],
  ['national', 'ssn'],
  ['national', 'taxId'],
  ['device', 'ip_address'],
  ['person', 'firstName'],
  ['person', 'last name'],
  ['person', 'created_by'],
  ['person', 'name.first'],
  ['person', 'manager'],
  ['birth', 'dateOfBirth'],
  ['birth', 'dob'],
  ['coordinate', 'geo.lat'],
  ['coordinate', 'longitude'],
  ['postal', 'zipCode'],
  ['address', 'street'],
  ['sensitive', 'religion'],
  ['sensitive', 'salary'],
  ['web', 'avatarUrl'],
  ['text', 'comment'],
  ['coarse', 'country_code'],
  ['coarse', 'gender'],
  ['id', 'id'],
  ['id', 'user_id'],
  ['id', 'customerId'],
  ['moment', 'createdAt'],
  ['count', 'quantity'],
  ['money', 'unit_price'],
  ['fact', 'status'],
  [null, 'foo'],
  // What lies below what is sensitive or secret is so too, unless it says something stricter by itself.
  ['sensitive', 'diagnosis.type'],
  ['sensitive', 'health.status.verified'],
  ['sensitive', 'religion.category'],
  ['sensitive', 'salary.amount'],
  ['sensitive', 'health.region'],
  ['secret', 'password.value'],
  ['secret', 'pin.level'],
  ['email', 'health.contact.email'],
  ['person', 'patient_health.doctor.name'],
  // Words that mean nothing without what they are of.
  ['email', 'email.value'],
  ['phone', 'phone.number'],
  ['financial', 'account.number'],
  ['person', 'name.value'],
  ['id', 'order.number'],
  ['sensitive', 'cd4_count'],
  ['sensitive', 'glucose_level'],
  ['sensitive', 'pain_level'],
  ['sensitive', 'visa_type'],
  ['sensitive', 'immigration_status'],
  ['sensitive', 'addiction_type'],
  ['sensitive', 'arrest_count'],
  ['sensitive', 'vaccine_status'],
  ['sensitive', 'gehalt'],
  ['sensitive', 'krankheit_status'],
  ['birth', 'dogumTarihi'],
  ['birth', 'data_nascimento'],
  ['birth', 'fecha_nac'],
  ['address', 'address.unit'],
  [null, 'room'],
  [null, 'seat'],
  [null, 'rank'],
  ['count', 'rooms'],
  ['fact', 'customer.status'],
  ['moment', 'created_at'],
];

describe('a name', () => {
  it.each(NAMES)('means %s: %s', (kind, name) => {
    expect(kindOfName(name.split('.'))).toBe(kind);
  });
});

describe('a key', () => {
  it.each(['id', 'first_name', '_links', '@type', 'straße', 'First Name', 'line1', 'x-total'])(
    'is the name of a field: %s',
    (key) => {
      expect(isFieldName(key)).toBe(true);
    },
  );

  it.each([
    '4711',
    'a@example.org',
    '123e4567-e89b-12d3-a456-426614174000',
    '+4930123456',
    'user4711',
    'Alice Jones',
    'a.b',
    'a"b',
    '__proto__',
    '192.0.2.1',
    'DE89370400440532013000',
    '0123456789abcdef',
    '',
    'x\ny',
    '${API_TOKEN}',
  ])('is data: %s', (key) => {
    expect(isFieldName(key)).toBe(false);
  });

  it.each([
    [true, { 4711: { id: 1 } }],
    [true, { 'a@example.org': { id: 1 } }],
    [true, { ann: { id: 1, x: 1 }, bob: { id: 2, x: 2 }, cem: { id: 3, x: 3 } }],
    [false, { meta: { total: 1 }, user: { id: 1 } }],
    [false, { 4711: 1 }],
    [false, {}],
    [false, [{ id: 1 }]],
  ])('makes an object keyed, %s: %j', (isKeyed, value) => {
    expect(isKeyedMap(value)).toBe(isKeyed);
  });
});
