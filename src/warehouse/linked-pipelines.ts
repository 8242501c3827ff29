import { readSqlTexts } from '../base/text/sql-file.js';

/** A pipeline of a project, as far as its SQL is concerned. */
interface Pipeline {
  readonly pipeline: string;
  readonly datasets: readonly string[];
}

/**
 * A pipeline and all others whose SQL may read its tables, or whose tables its SQL may read, directly or through others. By
 * words alone: a column with the name of a view links too, which costs time and is never wrong.
 * @param sqlDir the folder with a folder for each pipeline
 * @throws E_DISK_READ
 */
export async function findLinked(
  sqlDir: string,
  pipelines: readonly Pipeline[],
  start: string,
): Promise<ReadonlySet<string>> {
  const all = await Promise.all(pipelines.map((pipeline) => readWords(sqlDir, pipeline)));
  const linked = new Set([start]);
  for (let before = 0; before < linked.size;) {
    before = linked.size;
    for (const one of all.filter(({ pipeline }) => linked.has(pipeline)))
      for (const other of all)
        if (!linked.has(other.pipeline) && (reads(one, other) || reads(other, one)))
          linked.add(other.pipeline);
  }
  return linked;
}

interface Words {
  readonly pipeline: string;
  /** Names of its tables and datasets, in lower case. */
  readonly tables: readonly string[];
  /** Names of its views in `main`, which need no schema. */
  readonly views: readonly string[];
  /** All words of its SQL, in lower case, and those after the name of a schema. */
  readonly words: ReadonlySet<string>;
  readonly qualified: ReadonlySet<string>;
}

function reads(one: Words, other: Words): boolean {
  return (
    other.tables.some((name) => one.qualified.has(name)) || other.views.some((name) => one.words.has(name))
  );
}

/** Quoted names, which stay; comments and texts. */
const SILENT = /("(?:[^"]|"")*")|--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g;
const QUALIFIED = /\b(?:bronze|silver|gold|main)"?\s*\.\s*"?([\p{L}\p{N}_]+)/gu;

/** The text without what names no table. Where texts have other quotes, all of it stays. */
function silence(text: string): string {
  if (/\$\w*\$|\be'/i.test(text)) return text;
  return text.replace(SILENT, (_, name: string | undefined) => name ?? ' ');
}

async function readWords(sqlDir: string, { pipeline, datasets }: Pipeline): Promise<Words> {
  const layers = ['silver', 'gold', 'checks', 'reports'];
  const folders = layers.map((layer) => `${pipeline}/${layer}`);
  const texts = await Promise.all(
    folders.map((folder) => readSqlTexts({ dir: `${sqlDir}/${folder}`, label: `sql/${folder}` })),
  );
  const files = texts.flat();
  const views = files.flatMap(({ text }) => /^--\s*publish:\s*main\.(\w+)/m.exec(text)?.[1] ?? []);
  const sql = files.map(({ text }) => silence(text).toLowerCase()).join('\n');
  const latest = datasets.map((name) => `${name}_latest`);
  return {
    pipeline,
    tables: [...datasets, ...latest, ...files.map(({ name }) => name)].map((name) => name.toLowerCase()),
    views: views.map((name) => name.toLowerCase()),
    words: new Set(sql.match(/[\p{L}\p{N}_]+/gu)),
    qualified: new Set([...sql.matchAll(QUALIFIED)].map(([, name]) => name ?? '')),
  };
}
