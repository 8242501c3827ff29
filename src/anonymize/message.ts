import type { Dialect } from './dialect.js';
import { SPACES } from './loose-pattern.js';
import type { Input } from './treatment.js';

/** How a leaf is written before it is hashed, so that equal things get equal tokens. */
export const NORMAL_FORMS = ['text', 'name', 'email', 'phone', 'number'] as const;
export type NormalForm = (typeof NORMAL_FORMS)[number];

/**
 * The octets that a token is made of: for each leaf in order `-` for null, else `<octets>:<text>`. Lengths make it
 * unambiguous: `('a|b', 'c')` and `('a', 'b|c')` differ, and a null shifts nothing.
 */
export function tokenMessage(dialect: Dialect, inputs: readonly Input[], normal: NormalForm): string {
  return inputs
    .map(({ sql, leaf }) => {
      const isText = leaf.type !== 'BIGINT' && leaf.type !== 'DOUBLE' && leaf.type !== 'BOOLEAN';
      const text = normalize(dialect, isText ? sql : dialect.cast(sql, 'varchar'), normal);
      return `coalesce(${dialect.octets(text)} || ':' || ${text}, '-')`;
    })
    .join(' || ');
}

function normalize(dialect: Dialect, text: string, normal: NormalForm): string {
  switch (normal) {
    case 'text':
      return dialect.nfc(text);
    case 'name':
      return dialect.trim(dialect.replaceAll(dialect.lower(dialect.nfc(text)), `[${SPACES}]+`, ' '));
    case 'email':
      return dialect.lower(dialect.trim(dialect.nfc(text)));
    case 'phone': {
      const plus = `(case when ${dialect.matches(text, '^\\s*\\+')} then '+' else '' end)`;
      return `(${plus} || ${dialect.replaceAll(text, '[^0-9]', '')})`;
    }
    case 'number': {
      const whole = dialect.replaceAll(dialect.trim(text), '^([-+]?[0-9]+)\\.0+$', '\\1'); // a DOUBLE's text
      const digits = dialect.replaceAll(whole, '^(?:\\+|(-))?0*([0-9])', '\\1\\2');
      return `(case when ${digits} = '-0' then '0' else ${digits} end)`;
    }
  }
}
