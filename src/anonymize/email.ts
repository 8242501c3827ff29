import { z } from 'zod';
import type { TreatmentObjection } from '../definition/treatment-spec.js';
import type { Dialect } from './dialect.js';
import { PROVIDERS } from './providers.js';

/** Which domains may be told: those of the shipped list, these besides, or any. */
export const providersParam = z
  .union([z.literal('any'), z.array(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/))])
  .default([])
  .describe('domains told besides the shipped public providers, or `any` (needs `reviewed`)');

type Providers = z.infer<typeof providersParam>;

export function reviewOpenList(providers: Providers): TreatmentObjection | null {
  return providers === 'any'
    ? { kind: 'review', why: 'a domain of its own, such as a surname, names its owner' }
    : null;
}

/** The domain in lower case, or '' if the value is not an address with exactly one `@` and a dotted domain. */
export function domainOf(dialect: Dialect, sql: string): string {
  const address = dialect.lower(sql);
  const valid = dialect.matches(address, '^[^@]+@[a-z0-9-]+(\\.[a-z0-9-]+)+$');
  return `(case when ${valid} then split_part(${address}, '@', 2) else '' end)`;
}

/** True where a domain may be told. */
export function isListed(dialect: Dialect, domain: string, providers: Providers): string {
  if (providers === 'any') return `${domain} <> ''`;
  const literals = [...new Set([...PROVIDERS, ...providers])].map((provider) => dialect.text(provider));
  return dialect.oneOf(domain, literals);
}
