import type { LandingColumn } from '../../base/types/definition.js';
import type { Path } from '../read/document.js';
import type { Problems } from '../read/problems.js';
import type { Treatments } from './complete-landing.js';

/** The last word of a name that says which record it is, such as `order_id` or `orderNo`. */
const ID = /(?:^|_)(?:id|uuid|guid|no|nr|number|ref|reference)$/;

/**
 * An id of the source that is kept beside a person's token undoes the token: anyone who knows one invoice knows all rows of its
 * customer. It needs a token of its own, or a reason.
 */
export function checkIds(
  landing: readonly LandingColumn[],
  { primaryKey, at }: { readonly primaryKey: readonly string[]; readonly at: Path },
  treatments: Treatments,
  problems: Problems,
): void {
  const person = landing.find(
    ({ treatment, class: pii }) => treatments.get(treatment)?.isToken === true && pii !== 'none',
  );
  if (person === undefined) return;
  for (const column of landing) {
    const isKept = treatments.get(column.treatment)?.keeps !== 'never';
    const isKey = primaryKey.length === 1 && primaryKey[0] === column.name;
    if (!isKept || column.reviewed !== null || !isIdType(column) || !(isKey || isId(column))) continue;
    problems.add(
      [...at, 'landing', column.name, 'treat'],
      `column ${column.name} keeps an id beside the token ${person.name}: anyone who knows one record of a person knows all of them`,
      'use `treat: token` with one scope in every dataset that has this id, or add `reviewed: "<why this is acceptable>"`',
    );
  }
}

function isIdType({ type, from }: LandingColumn): boolean {
  const isOpen = from.every(({ bound }) => bound?.kind !== 'enum');
  return isOpen && (type === 'BIGINT' || type === 'VARCHAR' || type.startsWith('DECIMAL(38'));
}

function isId({ name, from }: LandingColumn): boolean {
  return [name, ...from.map(({ segments }) => snakeCase(segments.at(-1) ?? ''))].some((text) =>
    ID.test(text),
  );
}

function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
