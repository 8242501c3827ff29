import { describe, expect, it } from 'vitest';
import type { Kind } from '../../src/draft/name-kinds.js';
import { kindOfText } from '../../src/draft/value-kinds.js';

/** Published test numbers, and addresses kept free for examples (RFC 2606, RFC 5737, RFC 3849). */
const TEXTS: readonly (readonly [Kind | null, string])[] = [
  ['email', 'jane.doe@example.org'],
  ['email', 'Jane Doe <jane.doe@example.org>'],
  ['phone', '+49 30 123456'],
  ['phone', '+442079460000'],
  ['financial', '4111111111111111'],
  ['financial', '4111 1111 1111 1111'],
  ['financial', '5555-5555-5555-4444'],
  ['financial', '378282246310005'],
  ['financial', 'GB82WEST12345698765432'],
  ['financial', 'GB82 WEST 1234 5698 7654 32'],
  ['financial', 'DE89370400440532013000'],
  ['device', '192.0.2.17'],
  ['device', '2001:db8::1'],
  ['device', '00:00:5e:00:53:af'],
  ['national', '078-05-1120'],
  ['national', '12345678Z'],
  ['coordinate', '52.5163,13.3777'],
  ['web', 'https://example.org/jane'],
  ['web', 'www.example.org'],
  ['id', '123e4567-e89b-12d3-a456-426614174000'],
  ['secret', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'],
  ['secret', 'd41d8cd98f00b204e9800998ecf8427e'],
  ['secret', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'],
  ['moment', '2026-11-20'],
  ['moment', '2026-11-20 10:00:00'],
  ['person', '(030) 123-4567'],
  ['person', '4111 1111 1111 1112'],
  [null, 'active'],
  [null, 'United States'],
  [null, '42'],
  [null, ''],
];

describe('a text', () => {
  it.each(TEXTS)('is %s: %s', (kind, text) => {
    expect(kindOfText(text)).toBe(kind);
  });

  it.each(['GB82WEST12345698765433', '4111111111111112'])('%s misses its check digit', (text) => {
    expect(kindOfText(text)).not.toBe('financial');
  });
});
