import { join } from 'node:path';
import { failure, joinProblems, LakeveilError } from '../base/errors.js';
import { listFolder } from '../base/files/durable.js';
import { readText } from '../base/files/small-file.js';
import { NAME } from '../base/names.js';
import type { Definition } from '../base/types/definition.js';
import type { Treatments } from './complete/complete-landing.js';
import { loadDefinition } from './load-definition.js';
import { type DefinitionDocument, parseDefinition } from './read/document.js';
import { ownValue } from './read/form-at.js';
import type { Environment } from './read/interpolate.js';
import { Problems } from './read/problems.js';

const FOLDER = 'pipelines';
const ENDING = '.yaml';

interface ProjectInput extends Environment {
  /** Folder that holds `pipelines/`. */
  readonly projectDir: string;
  readonly treatments: Treatments;
}

/** A definition of the project with a unique name and unique datasets, not validated further. */
interface DefinitionFile {
  readonly pipeline: string;
  /** Relative to the project folder. */
  readonly file: string;
  readonly text: string;
}

/**
 * All definitions of a project by pipeline, sorted by name. The problems of all of them are thrown as one error.
 * @throws as `readDefinitions` and `loadDefinition`
 */
export async function loadProject(input: ProjectInput): Promise<ReadonlyMap<string, Definition>> {
  const entries = await readDefinitions(input.projectDir);
  const definitions = new Map<string, Definition>();
  const problems: LakeveilError[] = [];
  for (const entry of entries) {
    try {
      definitions.set(entry.pipeline, await loadEntry(input, entry));
    } catch (error) {
      if (!(error instanceof LakeveilError) || error.problems.length === 0) throw error;
      problems.push(...error.problems);
    }
  }
  const [first, ...others] = problems;
  if (first !== undefined) throw joinProblems([first, ...others]);
  return definitions;
}

async function loadEntry(input: ProjectInput, entry: DefinitionFile): Promise<Definition> {
  const definition = loadDefinition({ ...input, ...entry });
  await examineTreatments(definition, entry.text, input.treatments);
  return definition;
}

/**
 * One definition of a project. Variables of other definitions may be missing; dataset names must be unique across
 * definitions. Throws E_UNKNOWN with the known names.
 */
export async function loadPipeline(input: ProjectInput, pipeline: string): Promise<Definition> {
  const entries = await readDefinitions(input.projectDir);
  const entry = entries.find((known) => known.pipeline === pipeline);
  if (entry !== undefined) return loadEntry(input, entry);
  const known = entries.map((other) => other.pipeline).join(', ');
  throw failure('E_UNKNOWN', {
    kind: 'pipeline',
    known: known === '' ? `none (${FOLDER}/ has no definitions)` : known,
  });
}

/**
 * Reads `pipelines/*.yaml`. Throws E_NAME or E_DEFINITION if the name of a pipeline differs from its file name, if two
 * definitions have the same dataset, or if a file ends in `.yml`, which would be ignored silently.
 */
export async function readDefinitions(projectDir: string): Promise<readonly DefinitionFile[]> {
  const owners = new Map<string, string>();
  const entries: DefinitionFile[] = [];
  for (const base of await listPages(projectDir)) {
    const entry = await readDefinitionFile(projectDir, base);
    const document = parseDefinition(entry.file, entry.text);
    checkName(document, entry.pipeline);
    claimDatasets(document, owners);
    entries.push(entry);
  }
  return entries;
}

async function listPages(projectDir: string): Promise<string[]> {
  return (await listFolder(join(projectDir, FOLDER), FOLDER)).filter((name) => /\.ya?ml$/.test(name));
}

async function readDefinitionFile(projectDir: string, base: string): Promise<DefinitionFile> {
  const file = `${FOLDER}/${base}`;
  const pipeline = base.slice(0, -ENDING.length);
  if (!base.endsWith(ENDING)) {
    throw failure(
      'E_DEFINITION',
      { problem: 'definition files must end in .yaml', fix: 'rename the file' },
      { file },
    );
  }
  if (!NAME.test(pipeline)) throw failure('E_NAME', { kind: 'pipeline' }, { file });
  return { pipeline, file, text: await readText(join(projectDir, file), file) };
}

function checkName(document: DefinitionDocument, pipeline: string): void {
  const name = ownValue(document.data, 'pipeline');
  if (name === pipeline || typeof name !== 'string') return;
  const problems = new Problems(document);
  const fix = `write \`pipeline: ${pipeline}\`, or rename the file`;
  problems.add(['pipeline'], 'the pipeline name differs from the file name', fix);
  problems.assertNone();
}

/** Names of files and tables do not contain the pipeline, so dataset names are unique across definitions. */
function claimDatasets(document: DefinitionDocument, owners: Map<string, string>): void {
  const problems = new Problems(document);
  const datasets = ownValue(document.data, 'datasets');
  const names = typeof datasets === 'object' && datasets !== null ? Object.keys(datasets) : [];
  for (const name of names.filter((known) => NAME.test(known))) {
    const owner = owners.get(name);
    const what = `dataset ${name} is defined twice: in ${owner ?? ''} and in ${document.file}`;
    if (owner !== undefined) problems.add(['datasets', name], what, 'rename one of them');
    owners.set(name, document.file);
  }
  problems.assertNone();
}

/** Runs the treatment checks that need a DuckDB instance. @throws E_DEFINITION with the places in the definition */
export async function examineTreatments(
  { datasets, file }: Definition,
  text: string,
  treatments: Treatments,
): Promise<void> {
  const problems = new Problems(parseDefinition(file, text));
  for (const dataset of datasets.values()) {
    for (const { name, from, treatment, params, reviewed } of dataset.landing) {
      const objection = await treatments.get(treatment)?.examine(from, params, reviewed !== null);
      if (objection === undefined || objection === null) continue;
      const { parameter, why } = objection;
      const at = ['datasets', dataset.name, 'landing', name, parameter];
      problems.add(at, `\`${parameter}\` of column ${name}: ${why}`, 'see `sql` in docs/pipelines.md');
    }
  }
  problems.assertNone();
}
