import type { LakeveilError, Where } from '../errors.js';
import { scrub } from '../text/scrub.js';
import { paint } from './paint.js';

/**
 * An error as text: what happened, the code, where, what is on disk now, and what to do next. Several problems of a
 * definition follow each other. No final line break.
 */
export function formatError(error: LakeveilError, color: boolean): string {
  const { problems } = error;
  if (problems.length < 2) return formatOne(error, error.onDisk, color);
  const blocks = problems.map((problem) => formatOne(problem, null, color));
  return `${blocks.join('\n')}\n${problems.length} problems. ${error.onDisk}`;
}

function formatOne(error: LakeveilError, onDisk: string | null, color: boolean): string {
  const where = formatWhere(error.where);
  const facts: readonly (readonly [string, string])[] = [
    ['code', error.code],
    ...(where === '' ? [] : [['where', where] as const]),
    ...(onDisk === null ? [] : [['on disk', onDisk] as const]),
    ['next', error.remedy],
  ];
  const lines = facts.map(([label, text]) => `  ${paint(label.padEnd(8), 'dim', color)} ${scrubLines(text)}`);
  return [`${paint('Error:', 'red', color)} ${scrubLines(error.message)}`, ...lines].join('\n');
}

interface ProblemDocument {
  readonly code: string;
  readonly message: string;
  readonly where: Where;
  readonly remedy: string;
}

export interface ErrorDocument {
  readonly error: ProblemDocument & {
    readonly exit: number;
    /** Every problem of a definition, the one above included. */
    readonly problems?: readonly ProblemDocument[];
  };
}

/** An error as the document that `--json` prints on stdout instead of a result. */
export function toErrorDocument(error: LakeveilError): ErrorDocument {
  const { exit, problems } = error;
  const list = problems.length === 0 ? {} : { problems: problems.map(describeProblem) };
  return { error: { ...describeProblem(error), exit, ...list } };
}

function describeProblem({ code, message, where, remedy }: LakeveilError): ProblemDocument {
  return { code, message, where, remedy };
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
