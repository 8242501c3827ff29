import { isDate } from '../../base/dates/date-formats.js';
import type { CheckRule, DatasetCheck } from '../../base/types/dataset-check.js';
import type { LandedType, LandingColumn } from '../../base/types/definition.js';
import type { Path } from '../read/document.js';
import { type Problems, suggest } from '../read/problems.js';
import { parseShare } from '../read/units.js';
import type { CheckForm, VolumeForm } from './check-forms.js';
import { scanPattern } from './pattern.js';

/** Validation of `checks:` of a dataset. */

/** The context of a check. */
export interface CheckContext {
  readonly dataset: string;
  readonly landing: readonly LandingColumn[];
  /** Treatments of landing columns by name, per dataset of the definition. */
  readonly columnsOf: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Treatments with the same output for several values. */
  readonly neverKeys: ReadonlySet<string>;
}

/** The completed checks of a dataset; errors go to `problems`. */
export function completeChecks(
  forms: readonly CheckForm[],
  at: Path,
  context: CheckContext,
  problems: Problems,
): DatasetCheck[] {
  const met = new Set<string>();
  return forms.map((form, index) => {
    const place = [...at, index];
    evaluateColumns(form, place, context, problems);
    evaluateRule(form, place, context, problems);
    const rule = readRule(form);
    const name = [context.dataset, form.check, ...namesOf(form)].join('.');
    if (met.has(name)) problems.add(place, 'duplicate check', 'remove or merge one of them');
    met.add(name);
    return { name, severity: form.severity, rule };
  });
}

/** `volume:` of a dataset as checks: `persons.volume.min`, and so on. */
export function completeVolume(
  dataset: string,
  volume: VolumeForm | undefined,
  at: Path,
  problems: Problems,
): DatasetCheck[] {
  if (volume === undefined) return [];
  const { min, max, drop, rise, dates, severity } = volume;
  const limits: readonly (readonly [string, CheckRule | null])[] = [
    ['min', min === undefined ? null : { kind: 'row_count', min, max: null }],
    ['max', max === undefined ? null : { kind: 'row_count', min: null, max }],
    ['drop', drop === undefined ? null : { kind: 'volume', dates, below: readShare(drop), above: null }],
    ['rise', rise === undefined ? null : { kind: 'volume', dates, below: null, above: readShare(rise) }],
  ];
  const checks = limits.flatMap(([name, rule]) =>
    rule === null ? [] : [{ name: `${dataset}.volume.${name}`, severity, rule }],
  );
  const isWrong = ['min', 'max', 'drop', 'rise', 'dates', 'severity'].some((name) =>
    problems.isHidden([...at, name]),
  );
  if (checks.length === 0 && !isWrong)
    problems.add(at, 'volume has no limit', 'add `min`, `max`, `drop` or `rise`');
  if (min !== undefined && max !== undefined && min > max)
    problems.add([...at, 'min'], '`min` is above `max`', 'swap the two');
  return checks;
}

function namesOf(form: CheckForm): readonly string[] {
  if ('columns' in form) return form.columns;
  return 'column' in form && form.column !== undefined ? [form.column] : [];
}

function evaluateColumns(form: CheckForm, at: Path, context: CheckContext, problems: Problems): void {
  const known = [...(context.columnsOf.get(context.dataset)?.keys() ?? [])];
  for (const [index, name] of namesOf(form).entries()) {
    const place = 'columns' in form ? [...at, 'columns', index] : [...at, 'column'];
    if (known.includes(name)) continue;
    if (problems.isHidden(['datasets', context.dataset, 'landing', name])) continue;
    problems.add(place, 'unknown landing column', suggest(name, known));
  }
}

function evaluateRule(form: CheckForm, at: Path, context: CheckContext, problems: Problems): void {
  const [name] = namesOf(form);
  const column = context.landing.find((known) => known.name === name);
  if (column?.each === true && form.check !== 'missing' && form.check !== 'unique') {
    problems.add([...at, 'column'], `${column.name} is a list`, 'use `missing`, or a SELECT under `checks/`');
    return;
  }
  const type = column?.type ?? null;
  switch (form.check) {
    case 'row_count':
    case 'range':
      evaluateBounds(form, at, type, problems);
      break;
    case 'accepted_values':
      evaluateValues(form.values, [...at, 'values'], type, problems);
      break;
    case 'pattern':
      evaluatePattern(form.pattern, at, type, problems);
      break;
    case 'freshness':
      if (type !== null && type !== 'DATE' && type !== 'TIMESTAMPTZ') {
        problems.add([...at, 'column'], `${name ?? ''} is not a date or timestamp`, 'use a date column');
      }
      if (form.column !== undefined && form.expected_by !== undefined) {
        problems.add([...at, 'expected_by'], 'expected_by is for the newest date', 'omit `column`');
      }
      break;
    case 'references':
      evaluateReference(form, at, context, problems);
      break;
    case 'missing':
    case 'unique':
    case 'volume':
      break;
    default:
      form satisfies never;
  }
}

function evaluateBounds(
  { min, max }: { readonly min?: number | string | undefined; readonly max?: number | string | undefined },
  at: Path,
  type: LandedType | null,
  problems: Problems,
): void {
  if (min === undefined && max === undefined) {
    problems.add(at, 'the check has no limit', 'add `min`, `max` or both');
    return;
  }
  const wanted = type === 'DATE' || type === 'TIMESTAMPTZ' ? 'string' : 'number';
  for (const [key, value] of Object.entries({ min, max })) {
    if (value === undefined || typeof value === wanted) continue;
    const fix = wanted === 'number' ? 'write a number' : 'write a date as YYYY-MM-DD';
    problems.add([...at, key], `\`${key}\` does not have the type of the column`, fix);
  }
  const isEmpty = min !== undefined && max !== undefined && typeof min === typeof max && min > max;
  if (isEmpty) problems.add([...at, 'min'], '`min` is above `max`', 'swap the two');
  const isCounted = type === null || type === 'VARCHAR' || type === 'BOOLEAN' || type === 'TIME';
  if (isCounted && type !== null)
    problems.add([...at, 'column'], '`range` does not support the type of the column', 'use accepted_values');
}

function evaluateValues(
  values: readonly (string | number | boolean)[],
  at: Path,
  type: LandedType | null,
  problems: Problems,
): void {
  if (type === null) return;
  if (type === 'TIME' || type === 'TIMESTAMPTZ') {
    problems.add(
      at,
      '`accepted_values` does not support times',
      'use range for timestamps, or a SELECT under `checks/`',
    );
    return;
  }
  const { isOne, fix } = describeValues(type);
  const index = values.findIndex((value) => !isOne(value));
  if (index >= 0) problems.add([...at, index], 'a value does not have the type of the column', fix);
}

function describeValues(type: LandedType): { isOne: (value: unknown) => boolean; fix: string } {
  if (type === 'DATE') {
    return {
      isOne: (value) => typeof value === 'string' && isDate(value),
      fix: 'write a date as YYYY-MM-DD',
    };
  }
  const wanted = type === 'VARCHAR' ? 'string' : type === 'BOOLEAN' ? 'boolean' : 'number';
  return { isOne: (value) => typeof value === wanted, fix: `write a ${wanted}` };
}

function evaluatePattern(pattern: string, at: Path, type: LandedType | null, problems: Problems): void {
  if (type !== null && type !== 'VARCHAR') {
    problems.add([...at, 'column'], '`pattern` supports only text', 'use range or accepted_values');
  }
  const place = [...at, 'pattern'];
  try {
    new RegExp(pattern, 'u');
  } catch {
    problems.add(place, 'the pattern is not a valid regular expression', 'fix its brackets and escapes');
    return;
  }
  if (scanPattern(pattern).isPortable) return;
  const fix = 'remove look-around, back-references and repeat counts above 1,000';
  problems.add(place, 'the pattern is not a valid RE2 expression', fix);
}

function evaluateReference(
  { column: name, to }: Extract<CheckForm, { check: 'references' }>,
  at: Path,
  { columnsOf, dataset: own, neverKeys }: CheckContext,
  problems: Problems,
): void {
  const [dataset = '', target = ''] = to.split('.');
  const columns = columnsOf.get(dataset);
  const shared = [columnsOf.get(own)?.get(name), columns?.get(target)].find((treat) =>
    neverKeys.has(treat ?? ''),
  );
  if (columns?.has(target) !== true && problems.isHidden(['datasets', dataset, 'landing', target])) return;
  if (columns === undefined) {
    problems.add([...at, 'to'], 'unknown dataset', suggest(dataset, [...columnsOf.keys()]));
  } else if (!columns.has(target)) {
    problems.add([...at, 'to'], 'unknown landing column', suggest(target, [...columns.keys()]));
  } else if (shared !== undefined) {
    const what = `one of its columns uses ${shared}, which gives several values the same output`;
    problems.add(at, what, 'use token columns instead');
  }
}

function readRule(form: CheckForm): CheckRule {
  switch (form.check) {
    case 'row_count':
      return { kind: form.check, min: form.min ?? null, max: form.max ?? null };
    case 'missing':
      return { kind: form.check, column: form.column, maxShare: readShare(form.max) };
    case 'unique':
      return { kind: form.check, columns: form.columns };
    case 'accepted_values':
      return { kind: form.check, column: form.column, values: form.values };
    case 'range':
      return { kind: form.check, column: form.column, min: form.min ?? null, max: form.max ?? null };
    case 'pattern':
      return { kind: form.check, column: form.column, pattern: form.pattern };
    case 'freshness':
      return readFreshness(form);
    case 'references': {
      const [dataset = '', target = ''] = form.to.split('.');
      return { kind: form.check, column: form.column, dataset, target };
    }
    case 'volume': {
      const share = readShare(form.tolerance);
      return { kind: form.check, dates: form.dates, below: share, above: share };
    }
    default:
      return form satisfies never;
  }
}

function readFreshness(form: Extract<CheckForm, { check: 'freshness' }>): CheckRule {
  const maxAgeDays = Number.parseInt(form.max_age, 10);
  return { kind: form.check, column: form.column ?? null, maxAgeDays, expectedBy: form.expected_by ?? null };
}

function readShare(share: string | 0): number {
  return share === 0 ? 0 : parseShare(share);
}
