import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { manifestSchema } from '../../src/base/types/manifest.js';
import { runRecordSchema } from '../../src/base/types/run-record.js';
import { code, describeType, MADE, type MadePage, makePage, makeTable, ROOT, toSchema } from './markdown.js';
import { describeOps } from './ops-notes.js';

const HEAD = `# Tables and files

What Lakeveil records of itself: the schema \`ops\` of the warehouse, the manifest of each partition and the entry of each run in
the ledger. None of them holds a value of a record.`;

const OPS = `## The schema \`ops\`

Each transform fills these tables from the manifests and the ledger ([models.md](../models.md#the-ops-schema)). \`pipeline query\`
reads them.`;

const MANIFEST = `## The manifest

\`data_lake/raw/YYYY/MM/DD/DATASET.manifest.json\` lies beside the Parquet files that it describes. Unknown keys are an error.`;

const LEDGER = `## The ledger

\`data_lake/_runs/YYYY/MM/DD/RUN.json\` has one entry for each run. \`pipeline runs --json\` prints them.`;

/** The tables of `ops`, and the files that they are made from. */
export async function makeTables(): Promise<MadePage> {
  const ops = describeOps().map(({ table, row, columns }) => {
    const rows = columns.map(([name, type, is]) => [code(name), type, is]);
    return `### ops.${table}\n\n${row}\n\n${makeTable(['column', 'type', 'is'], rows)}`;
  });
  return await makePage('docs/reference/tables.md', [
    ...[HEAD, MADE, OPS, ...ops],
    ...[MANIFEST, describeFile(manifestSchema, 'src/base/types/manifest.ts')],
    ...[LEDGER, describeFile(runRecordSchema, 'src/base/types/run-record.ts')],
  ]);
}

type Part = ReturnType<typeof toSchema>;

/** The fields of a file in its order; `datasets[].rejects[].code` is a field of objects in lists. */
function describeFile(form: z.ZodType, source: string): string {
  const comments = listComments(source);
  const rows = listFields(toSchema(form), '').map(({ path, part, isOptional }) => {
    const name = /([a-z_0-9]+)(?:\[\])?$/.exec(path)?.[1] ?? '';
    return [code(path), describeType(part), isOptional ? 'yes' : '', comments.get(name) ?? ''];
  });
  return makeTable(['field', 'value', 'may be absent', 'is'], rows);
}

interface Field {
  readonly path: string;
  readonly part: Part;
  readonly isOptional: boolean;
}

function listFields(schema: Part, prefix: string): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, part]) => {
    const isOptional = !(schema.required?.includes(name) ?? false);
    const inner = (part.anyOf ?? [part]).flatMap((choice) =>
      choice.items === undefined
        ? listFields(choice, `${prefix}${name}.`)
        : listFields(choice.items, `${prefix}${name}[].`),
    );
    return [{ path: `${prefix}${name}`, part, isOptional }, ...inner];
  });
}

/** The comment above each field of a schema in its source. A name that several objects have gets none. */
function listComments(source: string): ReadonlyMap<string, string> {
  const text = readFileSync(new URL(source, ROOT), 'utf8');
  const found = new Map<string, string>();
  for (const [, comment = '', name = ''] of text.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\n +([a-z_0-9]+):/g)) {
    if (text.split(new RegExp(`\\n +${name}[:,]`)).length !== 2) continue;
    found.set(
      name,
      comment
        .replaceAll(/\s*\n\s*\*/g, '')
        .trim()
        .replaceAll(/\s+/g, ' ')
        .replace(/\.$/, ''),
    );
  }
  return found;
}
