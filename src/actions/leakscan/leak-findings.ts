import { failure, type LakeveilError } from '../../base/errors.js';
import { countOf } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import type { PatternName } from './personal-patterns.js';

/** One kind of hit in one place. It has names and numbers, never a value. */
export interface Finding {
  /** `leak`: certain. `suspect`: to be looked at. */
  readonly kind: 'leak' | 'suspect';
  readonly check: 'shape' | 'canary' | 'pattern' | 'unread';
  /** The treatment of a shape, the form of a canary, the name of a pattern, or why a file was not read. */
  readonly what: string;
  /** Relative to the project where it is inside, with forward slashes. */
  readonly path: string;
  /** `cells`, `statistics`, `metadata`, `schema`, `lines`, `bytes`, `name`. */
  readonly place: string;
  /** Of a database file; else null. */
  readonly table: string | null;
  readonly column: string | null;
  /** Of the first hit, from 1: a row of a table, a line of a text; null where there are none. */
  readonly row: number | null;
  /** How many rows or lines have such a hit. */
  readonly count: number;
  /** Line of the first value in the file of `--canary`; null for other checks. */
  readonly canary_line: number | null;
}

export interface PlaceOfHit extends Pick<Finding, 'path' | 'place' | 'table' | 'column'> {
  readonly row: number | null;
  readonly count: number;
}

/** What a search finds in one text. */
export type Hit =
  | { readonly check: 'canary'; readonly form: string; readonly line: number }
  | { readonly check: 'pattern'; readonly pattern: PatternName };

/** Findings by place and kind, so that a column of a million names is one. */
export class FindingList {
  readonly #byKey = new Map<string, Finding>();

  addHit(hit: Hit, place: PlaceOfHit): void {
    if (hit.check === 'canary') this.#add(place, 'leak', 'canary', hit.form, hit.line);
    else this.#add(place, 'suspect', 'pattern', hit.pattern, null);
  }

  addShape(treatment: string, place: PlaceOfHit): void {
    this.#add(place, 'leak', 'shape', treatment, null);
  }

  addUnread(path: string, why: string): void {
    const place = { path, place: 'bytes', table: null, column: null, row: null, count: 1 };
    this.#add(place, 'suspect', 'unread', why, null);
  }

  /** Whether a file has a finding of this check already. */
  has(path: string, check: Finding['check']): boolean {
    return [...this.#byKey.values()].some((finding) => finding.path === path && finding.check === check);
  }

  /** Leaks first, then by path and row. */
  list(): Finding[] {
    return [...this.#byKey.values()].sort(
      (a, b) =>
        Number(a.kind === 'suspect') - Number(b.kind === 'suspect') ||
        compare(a.path, b.path) ||
        compare(a.table ?? '', b.table ?? '') ||
        compare(a.column ?? '', b.column ?? '') ||
        (a.row ?? 0) - (b.row ?? 0),
    );
  }

  #add(
    { path, place, table, column, row, count }: PlaceOfHit,
    kind: Finding['kind'],
    check: Finding['check'],
    what: string,
    line: number | null,
  ): void {
    const key = JSON.stringify([path, place, table, column, check, what]);
    const known = this.#byKey.get(key);
    const isFirst = known === undefined || (row ?? 0) < (known.row ?? 0);
    this.#byKey.set(key, {
      kind,
      check,
      what,
      path,
      place,
      table,
      column,
      row: isFirst ? row : known.row,
      count: (known?.count ?? 0) + count,
      canary_line: isFirst ? line : known.canary_line,
    });
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** What `pipeline leakscan --json` prints. */
export interface LeakReport {
  readonly status: 'clean' | 'suspect' | 'leak';
  readonly files: number;
  readonly bytes: number;
  /** Columns of tables and files of which every distinct cell was read. */
  readonly columns: number;
  /** Landed columns of which every cell was compared with the shape of its treatment, counted in each file. */
  readonly shapes: number;
  /** Values of the file of `--canary`, and lines of it that are too short; null without one. */
  readonly canaries: number | null;
  readonly too_short: number | null;
  /** Files that another command was writing: only their bytes were searched. */
  readonly being_written: readonly string[];
  readonly findings: readonly Finding[];
}

/** Exit 5 for leaks, 4 for suspects, null for neither. */
export function evaluateLeaks({ status, findings }: LeakReport): LakeveilError | null {
  const count = (kind: Finding['kind']): number => findings.filter((finding) => finding.kind === kind).length;
  if (status === 'leak') return failure('E_LEAK', { found: countOf(count('leak'), 'leak') });
  return status === 'suspect' ? failure('E_SUSPECT', { found: countOf(count('suspect'), 'suspect') }) : null;
}

export function formatLeaks(report: LeakReport): string {
  const { canaries, too_short: short, files, columns, shapes, findings, being_written: open } = report;
  const looked = [
    `the shape of ${countOf(shapes, 'landed column')}`,
    'personal patterns',
    ...(canaries === null ? [] : [countOf(canaries, 'canary value')]),
  ];
  return [
    `Read ${countOf(files, 'file')}, ${countOf(columns, 'column')} of tables. Checked: ${looked.join(', ')}.`,
    ...(short === null || short === 0
      ? []
      : [`${countOf(short, 'line')} of the canary file too short to look for (fewer than 4 characters).`]),
    ...open.map((path) => `Being written by another command, searched as bytes: ${scrub(path)}`),
    ...(findings.length === 0 ? ['No leaks and no suspects found.'] : findings.map(describeFinding)),
  ].join('\n');
}

function describeFinding(finding: Finding): string {
  const { kind, path, place, table, column, row, count } = finding;
  const unit = place === 'lines' ? 'line' : 'row';
  const where = [
    scrub(path),
    ...(place === 'cells' || place === 'lines' ? [] : [place]),
    ...(table === null ? [] : [`table ${scrub(table)}`]),
    ...(column === null ? [] : [`column ${scrub(column)}`]),
    ...(row === null ? [] : [`${unit} ${row}`]),
  ];
  const more = count > 1 && row !== null ? ` (${countOf(count, unit)})` : '';
  return `  ${kind}: ${where.join(', ')}: ${describeWhat(finding)}${more}`;
}

function describeWhat({ check, what, canary_line: line }: Finding): string {
  switch (check) {
    case 'shape':
      return `not the output of ${what}`;
    case 'canary':
      return `the value of line ${line ?? 0} of the canary file (${what})`;
    case 'pattern':
      return `looks like ${/^[aei]/.test(what) ? 'an' : 'a'} ${what}`;
    case 'unread':
      return what;
    default:
      return check satisfies never;
  }
}
