import { describe, expect, test } from 'vitest';
import { looksPersonal } from '../../src/base/text/personal-text.js';

describe('text that looks personal', () => {
  test.each([
    ['an email address', 'a@example.org'],
    ['a URL', 'https://example.org/x'],
    ['a host', 'www.example.org'],
    ['a phone', '+4930123456'],
    ['a phone in groups', '(030) 123-4567'],
    ['a phone as a name', 'tel_030_123_4567'],
    ['a card', '4111 1111 1111 1111'],
    ['an IBAN', 'DE89370400440532013000'],
    ['an IBAN in groups', 'GB82 WEST 1234 5698 7654 32'],
    ['an IPv4 address', '192.168.0.1'],
    ['an IPv6 address', 'fe80:0:0:1::2'],
    ['a digest', 'd41d8cd98f00b204e9800998ecf8427e'],
  ])('%s', (_, text) => {
    expect(looksPersonal(text)).toBe(true);
  });

  test.each(['ssn', 'county_code', 'address_line_1', 'utm_source', 'is_default', 'area51', 'swww_field'])(
    'the plain name %s does not',
    (name) => {
      expect(looksPersonal(name)).toBe(false);
    },
  );
});
