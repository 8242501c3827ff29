import { z } from 'zod';
import { domainOf, isListed, providersParam, reviewOpenList } from '../email.js';
import { defineTreatment, onlyInput } from '../treatment.js';

const params = z.strictObject({ providers: providersParam });

/** `***@domain` for a public provider, `***@other` for any other domain, `***` for a text that is not an address. */
export const maskEmail = defineTreatment({
  name: 'mask_email',
  isBlind: false,
  keeps: 'never',
  isToken: false,
  neverKey: false,
  params,
  isClosed: ({ providers }) => providers !== 'any',
  accepts: (type) => type === 'VARCHAR',
  outputType: () => 'VARCHAR',
  objection: (_leaves, given) => reviewOpenList(given.providers),
  sql: (dialect, inputs, given, bind) => {
    const { sql } = onlyInput(inputs);
    const domain = domainOf(dialect, sql);
    const listed = isListed(dialect, domain, given.providers, (domains) =>
      bind.constant('providers', domains),
    );
    return `case when ${sql} is null then null when ${domain} = '' then '***' when ${listed} then '***@' || ${domain} else '***@other' end`;
  },
  shape: (dialect, column, given) => {
    const { providers } = given;
    const listed = isListed(dialect, `${column}[5:]`, providers, dialect.listOf);
    return `${dialect.matches(column, '^\\*\\*\\*(@[a-z0-9.-]+)?$')} and (${column} in ('***', '***@other') or ${listed})`;
  },
  reveals: (given) => (given.providers === 'any' ? 'the domain, listed or not' : 'the provider'),
});
