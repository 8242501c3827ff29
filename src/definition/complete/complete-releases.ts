import type { LadderDefinition, LadderStep, ReleaseDefinition } from '../../base/types/release.js';
import type { ReleaseForm } from '../release-shape.js';
import type { Path } from '../read/document.js';
import type { Problems } from '../read/problems.js';
import { parseShare } from '../read/units.js';

/** The releases in file order; errors go to `problems`. */
export function completeReleases(
  pipeline: string,
  forms: Readonly<Record<string, ReleaseForm>>,
  problems: Problems,
): ReleaseDefinition[] {
  return Object.entries(forms).map(([name, form]) => {
    const at = ['releases', name];
    evaluateColumns(form, at, problems);
    evaluateThresholds(form, at, problems);
    return {
      name,
      from: form.from,
      description: form.description,
      columns: form.columns,
      person: form.person ?? null,
      quasi: form.quasi ?? null,
      reviewed: form.reviewed ?? null,
      sensitive: form.sensitive,
      require: { k: form.require.k, l: form.require.l ?? null, t: form.require.t ?? null },
      onBreach: form.on_breach,
      maxSuppressed: form.max_suppressed === 0 ? 0 : parseShare(form.max_suppressed),
      ladders: new Map(
        Object.entries(form.ladders).map(([column, ladder]) => [
          column,
          completeLadder(pipeline, ladder, [...at, 'ladders', column], problems),
        ]),
      ),
    };
  });
}

/** What is named must be released; a column is one thing. */
function evaluateColumns({ columns, quasi, sensitive, ladders }: ReleaseForm, at: Path, problems: Problems) {
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined)
    problems.add([...at, 'columns'], `column \`${twice}\` is named twice`, 'remove one of them');
  const named = [
    ...(quasi ?? []).map((name, index) => ({ name, path: [...at, 'quasi', index] })),
    ...sensitive.map((name, index) => ({ name, path: [...at, 'sensitive', index] })),
    ...Object.keys(ladders).map((name) => ({ name, path: [...at, 'ladders', name] })),
  ];
  for (const { path } of named.filter((one) => !columns.includes(one.name)))
    problems.add(path, 'this column is not released', `name one of: ${columns.join(', ')}`);
  for (const [index, name] of sensitive.entries()) {
    const other = quasi?.includes(name) === true ? 'quasi' : name in ladders ? 'ladders' : null;
    if (other === null) continue;
    const problem = `\`${name}\` is sensitive and in \`${other}\``;
    problems.add(
      [...at, 'sensitive', index],
      problem,
      'a column is known of a person, or must not be learned',
    );
  }
}

function evaluateThresholds(form: ReleaseForm, at: Path, problems: Problems): void {
  for (const key of ['l', 't'] as const) {
    if (form.require[key] === undefined || form.sensitive.length > 0) continue;
    const fix = 'name the columns under `sensitive`';
    problems.add([...at, 'require', key], `\`${key}\` requires a sensitive column`, fix);
  }
  const isFixed = form.on_breach !== 'generalize' && Object.keys(form.ladders).length > 0;
  if (!isFixed) return;
  const problem = `\`on_breach: ${form.on_breach}\` uses no ladder`;
  problems.add([...at, 'ladders'], problem, 'remove `ladders`, or write `on_breach: generalize`');
}

function completeLadder(
  pipeline: string,
  form: ReleaseForm['ladders'][string],
  at: Path,
  problems: Problems,
): LadderDefinition {
  if (!Array.isArray(form)) {
    const folder = `sql/${pipeline}/`;
    if (!form.table.startsWith(folder))
      problems.add([...at, 'table'], `the file is not below ${folder}`, `move it below ${folder}`);
    return { kind: 'table', file: form.table.slice(folder.length) };
  }
  const steps = form.flatMap((text, level) => {
    const step = readStep(String(text), level);
    if (step === null)
      problems.add([...at, level], 'unknown step', `write one of: ${STEPS}; level 0 may have any name`);
    return step ?? [];
  });
  const wrong = steps.findIndex((step, level) => level > 0 && !isCoarser(step, steps[level - 1]));
  if (steps.length === form.length && wrong > 0) {
    const fix = 'order the steps from fine to coarse; a width is a multiple of the one before';
    problems.add([...at, wrong], 'this step is not coarser than the one before', fix);
  }
  return { kind: 'steps', steps };
}

const STEPS = '`20 years` (a width), `2 characters`, `month`, `quarter`, `year`, `"*"`';

/** Only level 0 may leave the values as they are, under any name. */
function readStep(label: string, level: number): LadderStep | null {
  if (label === '*') return { kind: 'all', label };
  if (label === 'month' || label === 'quarter' || label === 'year') return { kind: label, label };
  const [, digits = '', unit = ''] = /^([1-9]\d{0,8})(?: ([a-z]+))?$/.exec(label) ?? [];
  if (digits !== '' && (unit === 'characters' || unit === 'character'))
    return { kind: 'characters', label, count: Number(digits) };
  if (digits !== '') return { kind: 'width', label, width: Number(digits) };
  return level === 0 ? { kind: 'keep', label } : null;
}

const DATES: readonly string[] = ['month', 'quarter', 'year'];

function isCoarser(step: LadderStep, before: LadderStep | undefined): boolean {
  if (before === undefined || before.kind === 'keep') return step.kind !== 'keep';
  if (before.kind === 'all') return false;
  if (step.kind === 'all') return true;
  if (step.kind === 'width' && before.kind === 'width')
    return step.width > before.width && step.width % before.width === 0;
  if (step.kind === 'characters' && before.kind === 'characters') return step.count < before.count;
  return DATES.includes(before.kind) && DATES.indexOf(step.kind) > DATES.indexOf(before.kind);
}
