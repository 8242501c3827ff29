/** Date fields of date-fns and the separators allowed between them. */
const DATE_FORMAT = /^(?:yyyy|yy|MM|M|dd|d|[-_./])+$/;
const SLOT = 'slot';
const KNOWN =
  '{date}, {next_date} and {date:yyyyMMdd} (of yyyy, yy, MM, M, dd, d and - _ . /); {slot} with `slot: hour`';

export interface PlaceholderFacts {
  /** The text contains the requested date. */
  readonly usesDate: boolean;
  /** The problem and its remedy; null if there is none. */
  readonly flaw: { readonly what: string; readonly fix: string } | null;
}

/** Validates the `{…}` placeholders of a request text, which are filled for each run. `hasSlot`: the dataset is hourly. */
export function scanPlaceholders(text: string, hasSlot: boolean): PlaceholderFacts {
  const found = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, inner]) => inner ?? '');
  const hasLooseBrace = /[{}]/.test(text.replace(/\{[^{}]*\}/g, ''));
  const flaw =
    hasLooseBrace || !found.every((name) => isKnown(name) || (hasSlot && name === SLOT))
      ? { what: 'unknown placeholder', fix: `known: ${KNOWN}` }
      : null;
  return { usesDate: found.some((name) => name !== SLOT), flaw };
}

/**
 * The same for a text of a body, where braces may have another meaning, such as in GraphQL: only text that looks like our
 * placeholders is validated.
 */
export function scanBodyText(text: string, hasSlot: boolean): PlaceholderFacts {
  const found = [...text.matchAll(/\{((?:slot|date|next_date)(?::[^{}]*)?)\}/g)].map(
    ([, inner]) => inner ?? '',
  );
  const isWhole = /^\{\w+\}$/.test(text) && found.length === 0;
  const flaw =
    isWhole || !found.every((name) => isKnown(name) || (hasSlot && name === SLOT))
      ? { what: 'unknown placeholder', fix: `known: ${KNOWN}` }
      : null;
  return { usesDate: found.some((name) => name !== SLOT), flaw };
}

function isKnown(placeholder: string): boolean {
  if (placeholder === 'date' || placeholder === 'next_date') return true;
  return placeholder.startsWith('date:') && DATE_FORMAT.test(placeholder.slice('date:'.length));
}
