import type { ScheduleDefinition } from '../base/dates/cron.js';
import { failure } from '../base/errors.js';
import type { DatasetDefinition, Definition, LandedType, LandingColumn } from '../base/types/definition.js';
import { completeDataset, type DatasetContext } from './complete/complete-dataset.js';
import type { Treatments } from './complete/complete-landing.js';
import { completeReleases } from './complete/complete-releases.js';
import { completeSource } from './complete/complete-source.js';
import { evaluateParents } from './complete/parents.js';
import { evaluateArchives } from './read/file-base.js';
import { findOwned, shareLeaves } from './complete/shared-pages.js';
import { type DefinitionForm, PAGE } from './definition-shape.js';
import { type DefinitionDocument, parseDefinition } from './read/document.js';
import { type Environment, interpolate, type Interpolated } from './read/interpolate.js';
import { addIssues } from './read/issues.js';
import { Problems } from './read/problems.js';
import { takeSoundParts } from './read/sound-form.js';

interface CompletionInput extends Environment {
  /** Variables after flags and .env, without the token key. */
  readonly variables: ReadonlyMap<string, string>;
  /** Where variables were looked up, such as `the environment and .env`. */
  readonly places: string;
  readonly treatments: Treatments;
}

interface DefinitionInput extends CompletionInput {
  /** Relative to the project folder, for errors. */
  readonly file: string;
  readonly text: string;
}

/** As `completeDefinition`, from the text. */
export function loadDefinition(input: DefinitionInput): Definition {
  return completeDefinition(parseDefinition(input.file, input.text), input);
}

/**
 * Reads, validates and completes one definition: its variables, its form (keys, types), and the meaning of each part whose
 * form is valid (every leaf has a class and a decision, treatments fit). Throws all problems in file order as one error,
 * each with file, line, column, field and remedy: E_DEFINITION, E_NAME, E_PATTERN, E_ENV_MISSING or E_ENV_INVALID. Errors
 * contain names only, no values of variables and no other text of the definition.
 */
export function completeDefinition(document: DefinitionDocument, input: CompletionInput): Definition {
  const problems = new Problems(document);
  const { form, origins } = readForm(document, input, problems);
  const hasSlot = Object.values(form.datasets).every(({ slot, of }) => slot === 'hour' || of !== undefined);
  const { source, usesDate } = completeSource(
    form.source,
    { scope: { hasSlot, parent: null }, origins },
    problems,
  );
  if (Object.keys(form.datasets).length === 0 && !problems.isHidden(['datasets'])) {
    problems.add(['datasets'], 'the definition has no dataset', 'add one under `datasets`');
  }
  const request = { headersUseDate: usesDate, baseUrl: source.baseUrl, origins };
  const columnsOf = new Map(
    Object.entries(form.datasets).map(([name, { landing }]) => [name, treatsOf(landing)]),
  );
  const context = { request, treatments: input.treatments, columnsOf };
  const datasets = completeDatasets(form.datasets, context, problems);
  evaluateReferenceTypes(datasets, problems);
  evaluateParents(datasets, problems);
  evaluateArchives(datasets, source.baseUrl, problems);
  evaluateSlots(form, datasets, problems);
  const schedule = completeSchedule(form, problems);
  const releases = completeReleases(form.pipeline, form.releases, problems);
  problems.assertNone();
  return {
    pipeline: form.pipeline,
    description: form.description,
    timezone: form.timezone,
    schedule,
    minCell: form.min_cell ?? null,
    file: document.file,
    env: form.env,
    source,
    datasets: new Map(datasets.map((dataset) => [dataset.name, dataset])),
    releases,
  };
}

/** An hour of a zone whose clocks change may come twice, or not at all. */
function evaluateSlots(
  { timezone }: DefinitionForm,
  datasets: readonly DatasetDefinition[],
  problems: Problems,
): void {
  if (timezone === 'UTC' || datasets.every(({ slot }) => slot === null)) return;
  problems.add(['timezone'], '`slot: hour` requires the time zone UTC', 'remove `timezone`, or the slots');
}

/** A snapshot can be landed for today alone: it has no earlier date, and none that was missed. */
function completeSchedule(form: DefinitionForm, problems: Problems): ScheduleDefinition | null {
  const { schedule: cron, scheduled_date: date, on_missed: onMissed } = form;
  if (cron === undefined) {
    for (const key of ['scheduled_date', 'on_missed'] as const) {
      if (form[key] === undefined || problems.isHidden(['schedule'])) continue;
      problems.add([key], `\`${key}\` requires \`schedule\``, 'add `schedule: 0 3 * * *`, or remove it');
    }
    return null;
  }
  const times = Object.values(form.datasets).map(({ time }) => time);
  const isSnapshot = times.includes('snapshot') && !problems.isHidden(['datasets']);
  if (isSnapshot && date === 'previous') {
    const what = '`scheduled_date: previous` is not possible for a snapshot, which is the state of today';
    problems.add(['scheduled_date'], what, 'write `current`');
  }
  if (isSnapshot && onMissed === 'all') {
    const what = '`on_missed: all` is not possible for a snapshot, which is the state of today';
    problems.add(['on_missed'], what, 'write `latest` or `skip`');
  }
  const isComplete = times.includes('by_date') && !times.includes('snapshot');
  return { cron, date: date ?? (isComplete ? 'previous' : 'current'), onMissed: onMissed ?? 'latest' };
}

/** Datasets in file order; a dataset with `of` gets its request from that dataset. */
function completeDatasets(
  forms: DefinitionForm['datasets'],
  context: Omit<DatasetContext, 'shared'>,
  problems: Problems,
): DatasetDefinition[] {
  const names = Object.keys(forms);
  const made = new Map<string, DatasetDefinition>();
  const owners = names.filter((name) => forms[name]?.of === undefined);
  for (const name of [...owners, ...names.filter((other) => !owners.includes(other))]) {
    const form = findOwned(name, forms, problems);
    if (form === null) continue;
    const shared = made.get(form.of ?? '') ?? null;
    made.set(name, completeDataset(name, form, { ...context, shared }, problems));
  }
  const datasets = names.flatMap((name) => made.get(name) ?? []);
  return shareLeaves(datasets, problems);
}

/** The treatment of each landing column, by name. */
function treatsOf(landing: DefinitionForm['datasets'][string]['landing']): ReadonlyMap<string, string> {
  return new Map(Object.entries(landing).map(([name, { treat, each }]) => [name, treat ?? each ?? '']));
}

/** If the form of some parts is invalid, the form of the others. @throws if nothing can be evaluated further */
function readForm(
  document: DefinitionDocument,
  environment: Environment,
  problems: Problems,
): Pick<Interpolated, 'origins'> & { form: DefinitionForm } {
  const { data, origins } = interpolate(document.data, environment, problems);
  const result = PAGE.safeParse(data);
  if (result.success) return { form: result.data, origins };
  addIssues(result.error.issues, { form: PAGE, data, base: [], origins }, problems);
  const form = takeSoundParts(data, result.error.issues, problems);
  if (form !== null) return { form, origins };
  problems.assertNone();
  throw failure('E_DEFECT', { name: 'ZodError', at: '' });
}

/** Both columns of `references` must have comparable types, or the check would fail at run time. */
function evaluateReferenceTypes(datasets: readonly DatasetDefinition[], problems: Problems): void {
  const byName = new Map(datasets.map((dataset) => [dataset.name, dataset]));
  for (const { name, landing, checks } of datasets) {
    for (const [index, { rule }] of checks.entries()) {
      if (rule.kind !== 'references') continue;
      const [own, other] = [
        findColumn(landing, rule.column),
        findColumn(byName.get(rule.dataset)?.landing ?? [], rule.target),
      ];
      if (own === undefined || other === undefined || kindOf(own.type) === kindOf(other.type)) continue;
      problems.add(
        ['datasets', name, 'checks', index, 'to'],
        `${rule.column} is ${own.type}, ${rule.dataset}.${rule.target} is ${other.type}`,
        'use two columns of the same type',
      );
    }
  }
}

function findColumn(landing: readonly LandingColumn[], name: string): LandingColumn | undefined {
  return landing.find((column) => column.name === name);
}

/** All number types are comparable. */
function kindOf(type: LandedType): string {
  return type === 'BIGINT' || type === 'DOUBLE' || type.startsWith('DECIMAL') ? 'number' : type;
}
