/** A part of a date in the words of date-fns, and what may stand between the parts. */
const DATE_FORMAT = /^(?:yyyy|yy|MM|M|dd|d|[-_./])+$/;
const SLOT = 'slot';
const KNOWN =
  '{date}, {next_date} and {date:yyyyMMdd} (of yyyy, yy, MM, M, dd, d and - _ . /); {slot} with `slot: hour`';

export interface PlaceholderFacts {
  /** The text says which date is asked for. */
  readonly usesDate: boolean;
  /** What is wrong with it, and what may stand there; null if nothing is. */
  readonly flaw: { readonly what: string; readonly fix: string } | null;
}

/** Reads the `{…}` of a request's text, which the source fills for each run. `hasSlot`: it lands by the hour. */
export function scanPlaceholders(text: string, hasSlot: boolean): PlaceholderFacts {
  const found = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, inner]) => inner ?? '');
  const hasLooseBrace = /[{}]/.test(text.replace(/\{[^{}]*\}/g, ''));
  const flaw =
    hasLooseBrace || !found.every((name) => isKnown(name) || (hasSlot && name === SLOT))
      ? { what: 'a placeholder is not known', fix: `known: ${KNOWN}` }
      : null;
  return { usesDate: found.some((name) => name !== SLOT), flaw };
}

/**
 * The same for a text of a body, in which braces may be anything's, such as a query's of GraphQL: only what looks like a
 * placeholder of ours is judged.
 */
export function scanBodyText(text: string, hasSlot: boolean): PlaceholderFacts {
  const found = [...text.matchAll(/\{((?:slot|date|next_date)(?::[^{}]*)?)\}/g)].map(
    ([, inner]) => inner ?? '',
  );
  const isWhole = /^\{\w+\}$/.test(text) && found.length === 0;
  const flaw =
    isWhole || !found.every((name) => isKnown(name) || (hasSlot && name === SLOT))
      ? { what: 'a placeholder is not known', fix: `known: ${KNOWN}` }
      : null;
  return { usesDate: found.some((name) => name !== SLOT), flaw };
}

function isKnown(placeholder: string): boolean {
  if (placeholder === 'date' || placeholder === 'next_date') return true;
  return placeholder.startsWith('date:') && DATE_FORMAT.test(placeholder.slice('date:'.length));
}
