import { z } from 'zod';
import { domainOf, isListed, providersParam, reviewOpenList } from '../email.js';
import { onlyInput, type Treatment } from '../treatment.js';

const params = z.strictObject({ providers: providersParam });

/** The domain of a public provider, `other` for everything else. */
export const emailDomain: Treatment = {
  name: 'email_domain',
  params,
  inputs: { min: 1, max: 1 },
  accepts: (type) => type === 'VARCHAR',
  outputType: () => 'VARCHAR',
  objection: (_leaves, given) => reviewOpenList(params.parse(given).providers),
  sql: (dialect, inputs, given, bind) => {
    const { sql } = onlyInput(inputs);
    const domain = domainOf(dialect, sql);
    const listed = isListed(dialect, domain, params.parse(given).providers, (domains) =>
      bind.constant('providers', domains),
    );
    return `case when ${sql} is null then null when ${domain} <> '' and ${listed} then ${domain} else 'other' end`;
  },
  shape: (dialect, column, landing) => {
    const listed = isListed(dialect, column, params.parse(landing.params).providers, dialect.listOf);
    return `${dialect.matches(column, '^[a-z0-9.-]+$')} and (${column} = 'other' or ${listed})`;
  },
  reveals: (given) =>
    params.parse(given).providers === 'any' ? 'the domain, listed or not' : 'the provider',
};
