import { isDatePattern } from '../../base/dates/date-formats.js';

const SLOT = 'slot';
const DATES = ['date', 'next_date', 'last_success'];
const KNOWN =
  '{date}, {next_date}, {last_success}, each also with a pattern such as {date:yyyyMMdd} or {date:epoch}; {slot} with `slot: hour`';

/** What placeholders of a text may name, beside dates. */
export interface PlaceholderScope {
  /** The dataset is hourly. */
  readonly hasSlot: boolean;
  /** Name of the parent record, whose fields may be named: `{team.id}`; null for none. */
  readonly parent: string | null;
}

export interface PlaceholderFacts {
  /** The text contains a date. */
  readonly usesDate: boolean;
  /** The text contains `{last_success}`. */
  readonly usesSince: boolean;
  /** Paths of the fields of the parent record that the text contains. */
  readonly fields: readonly string[];
  /** The problem and its remedy; null if there is none. */
  readonly flaw: { readonly what: string; readonly fix: string } | null;
}

/** Validates the `{…}` placeholders of a request text, which are filled for each run. */
export function scanPlaceholders(text: string, scope: PlaceholderScope): PlaceholderFacts {
  const found = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, inner]) => inner ?? '');
  const hasLooseBrace = /[{}]/.test(text.replace(/\{[^{}]*\}/g, ''));
  return describe(found, hasLooseBrace, scope);
}

/**
 * The same for a text of a body, where braces may have another meaning, such as in GraphQL: only text that looks like our
 * placeholders is validated.
 */
export function scanBodyText(text: string, scope: PlaceholderScope): PlaceholderFacts {
  const names = [SLOT, ...DATES].join('|');
  const own = scope.parent === null ? '' : `|${scope.parent}\\.[^{}]*`;
  const found = [...text.matchAll(new RegExp(`\\{((?:${names})(?::[^{}]*)?${own})\\}`, 'g'))].map(
    ([, inner]) => inner ?? '',
  );
  return describe(found, /^\{\w+\}$/.test(text) && found.length === 0, scope);
}

function describe(found: readonly string[], isFlawed: boolean, scope: PlaceholderScope): PlaceholderFacts {
  const known = scope.parent === null ? KNOWN : `${KNOWN}; fields of the parent such as {${scope.parent}.id}`;
  const isWrong = isFlawed || !found.every((name) => isKnown(name, scope));
  const prefix = `${scope.parent ?? ''}.`;
  return {
    usesDate: found.some((name) => DATES.includes(name.split(':', 1)[0] ?? '')),
    usesSince: found.some((name) => name.split(':', 1)[0] === 'last_success'),
    fields: found
      .filter((name) => scope.parent !== null && name.startsWith(prefix))
      .map((name) => name.slice(prefix.length)),
    flaw: isWrong ? { what: 'unknown placeholder', fix: `known: ${known}` } : null,
  };
}

function isKnown(placeholder: string, { hasSlot, parent }: PlaceholderScope): boolean {
  if (placeholder === SLOT) return hasSlot;
  if (parent !== null && placeholder.startsWith(`${parent}.`)) return true;
  const [name = '', ...pattern] = placeholder.split(':');
  if (!DATES.includes(name)) return false;
  return pattern.length === 0 || isDatePattern(pattern.join(':'));
}
