import { join, resolve } from 'node:path';
import { z } from 'zod';
import { failure, systemCode } from '../base/errors.js';
import { readSmallFile, textOf } from '../base/files/small-file.js';
import { NAME } from '../base/names.js';
import { parseDefinition } from './read/document.js';
import { type Environment, interpolateBelow } from './read/interpolate.js';
import { addIssues } from './read/issues.js';
import { Problems } from './read/problems.js';
import { ownValue } from './read/form-at.js';

export const TARGETS_FILE = 'targets.yaml';

interface TargetsInput extends Environment {
  readonly projectDir: string;
}

/** A target of the file, with its settings checked, and a way to report a problem of one of them. */
export interface FoundTarget<S> {
  readonly settings: S;
  /** The settings as they are written, without the values of variables. */
  readonly written: unknown;
}

/**
 * Reads the settings of one target of `targets.yaml`. Only its own variables must be set.
 * @param forms the settings of each type of target, told by `type`
 * @throws E_USAGE if there is no such file, E_UNKNOWN, E_DEFINITION, E_NAME, E_ENV_MISSING, E_ENV_INVALID, E_DISK_READ
 */
export async function readTarget<F extends z.ZodType<{ readonly type: string }>>(
  { projectDir, ...environment }: TargetsInput,
  forms: F,
  name: string,
): Promise<FoundTarget<z.output<F>>> {
  const document = parseDefinition(TARGETS_FILE, await readTargetsText(projectDir));
  const problems = new Problems(document);
  const form = shapeTargets(forms);
  const { data, origins } = interpolateBelow(document.data, ['targets', name], form, environment, problems);
  const result = form.safeParse(data);
  if (!result.success) addIssues(result.error.issues, { form, data, base: [], origins }, problems);
  problems.assertNone();
  const targets = new Map(Object.entries(result.data?.targets ?? {}));
  const settings = targets.get(name);
  if (settings === undefined)
    throw failure('E_UNKNOWN', { kind: `target ${name}`, known: [...targets.keys()].sort().join(', ') });
  return { settings, written: ownValue(ownValue(document.data, 'targets'), name) };
}

/** @param forms the settings of each type of target, told by `type` */
export function shapeTargets<F extends z.ZodType>(forms: F) {
  return z.strictObject({ targets: z.record(z.string().regex(NAME), forms) });
}

async function readTargetsText(projectDir: string): Promise<string> {
  const found = await readSmallFile(join(projectDir, TARGETS_FILE), { followLinks: true }).catch(
    (error: unknown) => {
      throw failure('E_DISK_READ', { path: TARGETS_FILE, kind: systemCode(error) });
    },
  );
  if (found.kind !== 'missing') return textOf(found, TARGETS_FILE);
  const what = `the project has no ${TARGETS_FILE}, which names the databases to load into`;
  throw failure('E_USAGE', { what, hint: 'create it as docs/load.md shows' });
}

/**
 * Absolute paths of the files that the targets of type `sqlite` name; of a target whose settings cannot be read, none.
 * @param forms the settings of each type of target, told by `type`
 * @throws E_DISK_READ
 */
export async function listSqliteTargets(
  input: TargetsInput,
  forms: z.ZodType<{ readonly type: string }>,
): Promise<string[]> {
  const found = await readSmallFile(join(input.projectDir, TARGETS_FILE), { followLinks: true }).catch(
    () => null,
  );
  if (found?.kind !== 'text') return [];
  const named: unknown = ownValue(parseDefinition(TARGETS_FILE, found.text).data, 'targets');
  const names = typeof named === 'object' && named !== null ? Object.keys(named) : [];
  const settings = await Promise.all(
    names.map((name) =>
      readTarget(input, forms, name).then(
        (target) => target.settings,
        () => null,
      ),
    ),
  );
  return settings.flatMap((target) =>
    target?.type === 'sqlite' && 'path' in target && typeof target.path === 'string'
      ? [resolve(input.projectDir, target.path)]
      : [],
  );
}
