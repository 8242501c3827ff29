import type { LakeveilError, Where } from '../errors.js';
import { scrub } from '../text/scrub.js';
import { paint } from './paint.js';

/**
 * An error as text: what happened, the code, where, what is on disk now, and what to do next. No final line break.
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

/** An error as the document that `--json` prints on stdout instead of a result. */
export function toErrorDocument(error: LakeveilError): ErrorDocument {
  const { code, message, where, remedy, exit } = error;
  return { error: { code, message, where, remedy, exit } };
}

/** `pipeline persons, dataset persons, page 3`; '' if the place is unknown. */
export function formatWhere(where: Where): string {
  const { file, line, column, ...names } = where;
  const spot = [file, line, column].filter((part) => part !== undefined).join(':');
  const parts = Object.entries(names).map(([name, value]) => `${name} ${value}`);
  return [...(spot === '' ? [] : [spot]), ...parts].join(', ');
}

/** Our own texts may have several lines; each line is scrubbed. */
function scrubLines(text: string): string {
  return text.split('\n').map(scrub).join('\n');
}
