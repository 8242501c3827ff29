import { listBlocks, type Page } from './pages.js';
import type { Ran, Shell } from './shell.js';

/** Texts of a page, and what stands for them while its commands run. */
export type Stands = ReadonlyMap<string, string>;

/** A block that failed. */
interface Failed extends Ran {
  readonly line: number;
  readonly text: string;
}

export interface PageRun {
  readonly failed: readonly Failed[];
  /** The page with the real output in each `text output` block that does not fit. */
  readonly text: string;
}

/** Runs the blocks of a page in their order: commands, servers, and files of the project with their names. */
export async function runPage(page: Page, shell: Shell, stands: Stands): Promise<PageRun> {
  const failed: Failed[] = [];
  let { text } = page;
  let last = '';
  for (const block of listBlocks(page)) {
    const [language = '', place = ''] = block.info.split(' ');
    if (block.marker !== null) continue;
    const body = replaceAll(block.text, stands);
    if (block.info === 'sh background') await shell.start(body.trim());
    else if (language === 'sh') {
      const ran = await shell.run(body);
      last = replaceAll(ran.stdout, new Map([...stands].map(([from, to]) => [to, from])));
      if (ran.code !== 0) failed.push({ ...ran, line: block.line, text: body });
    } else if (block.info === 'text output') {
      if (!fits(block.text, last)) text = text.replace(block.text, () => last);
    } else if (/^[\w-]+(?:\/[\w-]+)*\.(?:yaml|sql|json|csv)$/.test(place)) {
      await shell.run(`mkdir -p "$(dirname ${place})"\ncat > ${place} <<'END OF FILE'\n${body}END OF FILE`);
    }
  }
  return { failed, text };
}

function replaceAll(text: string, stands: Stands): string {
  return [...stands].reduce((result, [from, to]) => result.replaceAll(from, () => to), text);
}

/** Times, rates and sizes, which no two machines have in common. */
const MEASURED = /\d[\d.,]* (?:s|ms|kB|MB)\b|[\d,]+ a second|\d{4}-\d\d-\d\d \d\d:\d\d UTC/g;

/** `…` stands for any text of a line, and for any lines where it is a line of its own. */
export function fits(shown: string, real: string): boolean {
  const pattern = shown
    .replaceAll(MEASURED, '#')
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '[^]*' : line.trimEnd().split('…').map(escape).join('.*')))
    .join('\n')
    .replaceAll('\n[^]*', '[^]*')
    .replaceAll('[^]*\n', '[^]*');
  const plain = real
    .replaceAll(MEASURED, '#')
    .split('\n')
    .map((line) => line.trimEnd());
  return new RegExp(`^${pattern}$`).test(plain.join('\n').trim());
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
