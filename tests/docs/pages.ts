import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One page of the documentation. */
export interface Page {
  /** Relative to the repository. */
  readonly file: string;
  readonly text: string;
}

/** Pages for users: README.md, docs/ and airflow/README.md, and what a new project gets. */
export const PAGES: readonly Page[] = [
  'README.md',
  ...listMarkdown('docs'),
  'airflow/README.md',
  'templates/project/README.md',
].map(readPage);

/** All pages whose links must lead somewhere. */
export const LINKED_PAGES: readonly Page[] = [
  ...PAGES,
  ...['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md'].map(readPage),
];

export function readPage(file: string): Page {
  return { file, text: readFileSync(join(ROOT, file), 'utf8') };
}

function listMarkdown(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)
    .sort();
}

/** One fenced block. */
export interface Block {
  readonly file: string;
  /** Of the opening fence, from 1 on. */
  readonly line: number;
  /** What follows the fence, such as `sh` or `yaml pipelines/visits.yaml`. */
  readonly info: string;
  /** Without the fences and without the indentation of the opening one. */
  readonly text: string;
  /** The comment on the line above that says who runs it, or why no test does; null for the test of the page. */
  readonly marker: Marker | null;
}

/** `<!-- run by: FILE, FILE -->` or `<!-- not run: WHY -->`. */
type Marker =
  | { readonly kind: 'run by'; readonly files: readonly string[] }
  | { readonly kind: 'not run'; readonly why: string };

const FENCE = /^( *)```(.*)\n([^]*?)^\1```$/gm;
const MARKER = /<!-- (run by|not run): ([^>]*?) -->\n+ *$/;

export function listBlocks({ file, text }: Page): readonly Block[] {
  return [...text.matchAll(FENCE)].map(({ index, 1: indent = '', 2: info = '', 3: body = '' }) => {
    const before = text.slice(0, index);
    const lines = body
      .split('\n')
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    return {
      file,
      line: before.split('\n').length,
      info,
      text: lines.join('\n'),
      marker: readMarker(before),
    };
  });
}

function readMarker(before: string): Marker | null {
  const [, kind, text = ''] = MARKER.exec(before) ?? [];
  if (kind === 'run by') return { kind, files: text.split(/,\s*/) };
  return kind === 'not run' ? { kind, why: text } : null;
}
