import type { LakeveilError, Where } from '../errors.js';
import { scrub } from '../text/scrub.js';
import { paint } from './paint.js';

/**
 * An error for a person, in this order: what happened, the code, where, what is on disk now, what to type next.
 * Ends without a line break.
 */
export function formatError(error: LakeveilError, color: boolean): string {
  const where = formatWhere(error.where);
  const facts: readonly (readonly [string, string])[] = [
    ['code', error.code],
    ...(where === '' ? [] : [['where', where] as const]),
    ['on disk', error.onDisk],
    ['next', error.remedy],
  ];
  const lines = facts.map(([label, text]) => `  ${paint(label.padEnd(8), 'dim', color)} ${scrubLines(text)}`);
  return [`${paint('Error:', 'red', color)} ${scrubLines(error.message)}`, ...lines].join('\n');
}

export interface ErrorDocument {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly where: Where;
    readonly remedy: string;
    readonly exit: number;
  };
}

/** The same for a program: what `--json` prints on stdout in place of a result. */
export function toErrorDocument(error: LakeveilError): ErrorDocument {
  const { code, message, where, remedy, exit } = error;
  return { error: { code, message, where, remedy, exit } };
}

/** `pipeline persons, dataset persons, page 3`; '' when no place is known. */
export function formatWhere(where: Where): string {
  const { file, line, column, ...names } = where;
  const spot = [file, line, column].filter((part) => part !== undefined).join(':');
  const parts = Object.entries(names).map(([name, value]) => `${name} ${value}`);
  return [...(spot === '' ? [] : [spot]), ...parts].join(', ');
}

/** Our own texts may have several lines; what stands in them may not. */
function scrubLines(text: string): string {
  return text.split('\n').map(scrub).join('\n');
}
