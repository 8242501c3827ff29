import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { VARIABLES } from '../../src/base/config/variables.js';
import { code, MADE, type MadePage, makePage, makeTable, ROOT } from './markdown.js';

const HEAD = `# Environment variables

Lakeveil reads variables from the environment and from \`.env\` in the project folder. The environment comes first, and flags come
before both. An empty value counts as not set. Relative paths are relative to the project folder.
[\`.env.example\`](../../.env.example) is a file to copy.`;

const SHIPPED = `## Variables of the shipped pipelines

A definition may read the variables that it lists under \`env:\`, and \`targets.yaml\` those that it names, such as
\`WAREHOUSE_URL\`. The shipped pipelines read these:`;

const definitionForm = z.object({ pipeline: z.string(), env: z.array(z.string()).default([]) });

/** Every variable that Lakeveil reads by itself, and those of the shipped definitions. */
export async function makeEnvironment(): Promise<MadePage> {
  const own = Object.entries(VARIABLES).map(([name, { default: preset, sets }]) => [
    code(name),
    preset === null ? '' : code(preset),
    sets,
  ]);
  const parts = [HEAD, MADE, makeTable(['variable', 'default', 'sets'], own)];
  const shipped = makeTable(['variable', 'default', 'pipelines'], listShipped());
  return await makePage('docs/reference/environment.md', [...parts, SHIPPED, shipped]);
}

function listShipped(): string[][] {
  const folder = new URL('pipelines/', ROOT);
  const found = new Map<string, { preset: string; pipelines: string[] }>();
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.yaml'))) {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const { pipeline, env } = definitionForm.parse(parse(text));
    for (const variable of env) {
      const [, preset = ''] = new RegExp(`\\$\\{${variable}:-([^}]*)\\}`).exec(text) ?? [];
      const entry = found.get(variable) ?? { preset, pipelines: [] };
      found.set(variable, { ...entry, pipelines: [...entry.pipelines, code(pipeline)] });
    }
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { preset, pipelines }]) => [
      code(name),
      preset === '' ? '' : code(preset),
      pipelines.join(', '),
    ]);
}
