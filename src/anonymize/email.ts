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
  return dialect.capture(dialect.lower(sql), '^[^@]+@([a-z0-9-]+(?:\\.[a-z0-9-]+)+)$');
}

/** True where a domain may be told; `list` makes SQL of the list of domains. */
export function isListed(
  dialect: Dialect,
  domain: string,
  providers: Providers,
  list: (domains: readonly string[]) => string,
): string {
  if (providers === 'any') return `${domain} <> ''`;
  return dialect.isIn(domain, list([...new Set([...PROVIDERS, ...providers])]));
}
