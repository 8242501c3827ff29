import { failure } from '../base/errors.js';

/** The chart hint in a report's head; every name is a column of the result. */
export type Chart =
  | { readonly kind: 'number'; readonly y: string }
  | { readonly kind: 'bar'; readonly x: string; readonly y: string }
  | { readonly kind: 'line'; readonly x: string; readonly y: string; readonly by: string | null }
  | { readonly kind: 'points'; readonly x: string; readonly y: string; readonly size: string | null };

const NAMES = {
  number: { wanted: ['y'], optional: [] },
  bar: { wanted: ['x', 'y'], optional: [] },
  line: { wanted: ['x', 'y'], optional: ['by'] },
  points: { wanted: ['x', 'y'], optional: ['size'] },
} as const;

const FORMS =
  '`-- chart: number y=COLUMN`, `bar x=COLUMN y=COLUMN`, `line x=COLUMN y=COLUMN [by=COLUMN]` or `points x=COLUMN y=COLUMN [size=COLUMN]`';

/** Parses the chart hint; null for none. @throws E_MODEL with the supported forms */
export function readChart(file: string, text: string | null): Chart | null {
  if (text === null) return null;
  const [kind = '', ...parts] = text.split(/\s+/);
  const names = new Map(parts.map(readPart));
  const [x, y] = [names.get('x') ?? '', names.get('y') ?? ''];
  if (isKind(kind) && names.size === parts.length && fits(kind, names)) {
    switch (kind) {
      case 'number':
        return { kind, y };
      case 'bar':
        return { kind, x, y };
      case 'line':
        return { kind, x, y, by: names.get('by') ?? null };
      case 'points':
        return { kind, x, y, size: names.get('size') ?? null };
    }
  }
  throw failure(
    'E_MODEL',
    { problem: 'the chart is not supported', fix: `write ${FORMS}` },
    { file, stage: 'report' },
  );
}

/** The columns that a chart uses. */
export function columnsOf(chart: Chart): readonly string[] {
  const { kind, y } = chart;
  switch (kind) {
    case 'number':
      return [y];
    case 'bar':
      return [chart.x, y];
    case 'line':
      return [chart.x, y, ...(chart.by === null ? [] : [chart.by])];
    case 'points':
      return [chart.x, y, ...(chart.size === null ? [] : [chart.size])];
  }
}

function isKind(text: string): text is Chart['kind'] {
  return Object.hasOwn(NAMES, text);
}

function fits(kind: Chart['kind'], names: ReadonlyMap<string, string>): boolean {
  const { wanted, optional } = NAMES[kind];
  const known: readonly string[] = [...wanted, ...optional];
  return (
    wanted.every((name) => names.has(name)) &&
    [...names].every(([name, column]) => known.includes(name) && column !== '')
  );
}

function readPart(part: string): [string, string] {
  const [, name = '', column = ''] = /^([a-z]+)=([a-z0-9_]+)$/.exec(part) ?? [];
  return [name, column];
}
