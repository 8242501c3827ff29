import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LINKED_PAGES, type Page, PAGES, readPage, ROOT } from './pages.js';

/** The targets of links and pictures, outside of fenced blocks and code. */
function listLinks({ text }: Page): string[] {
  const prose = text.replaceAll(/^( *)```[^]*?^\1```$/gm, '').replaceAll(/`[^`\n]+`/g, 'code');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** The anchors of a page, as GitHub makes them: lower case, blanks as hyphens, no other punctuation. */
function listAnchors({ text }: Page): Set<string> {
  const prose = text.replaceAll(/^( *)```[^]*?^\1```$/gm, '');
  const seen = new Map<string, number>();
  const anchors = [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) => {
    const name = title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}-${String(count)}`;
  });
  return new Set(anchors);
}

/** Why a link leads nowhere, or null. */
function findFlaw(page: Page, target: string): string | null {
  if (/^https?:\/\//.test(target)) return null;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page.file : normalize(join(dirname(page.file), path));
  if (file.startsWith('..') || !existsSync(join(ROOT, file))) return 'there is no such file';
  if (anchor === undefined) return null;
  if (!file.endsWith('.md')) return 'only pages have anchors';
  return listAnchors(readPage(file)).has(anchor) ? null : 'the page has no such heading';
}

describe('links', () => {
  it.each(LINKED_PAGES)('of $file lead somewhere', (page) => {
    const flaws = listLinks(page).flatMap((target) => {
      const flaw = findFlaw(page, target);
      return flaw === null ? [] : [`${target}: ${flaw}`];
    });
    expect(flaws).toEqual([]);
  });

  it('to a page or a heading that is not there are found', () => {
    const page = { file: 'docs/x.md', text: '' };
    expect(findFlaw(page, 'nowhere.md')).toBe('there is no such file');
    expect(findFlaw(page, '../../etc/passwd')).toBe('there is no such file');
    expect(findFlaw(page, 'commands.md#nothing')).toBe('the page has no such heading');
    expect(findFlaw(page, 'commands.md#run')).toBeNull();
    expect(listLinks({ file: 'x.md', text: '```\n[a](b.md)\n```\n`[c](d.md)` [e](f.md)\n' })).toEqual([
      'f.md',
    ]);
  });

  it('reach every page of docs/ from docs/README.md', () => {
    const reached = new Set(['docs/README.md']);
    for (const file of reached) {
      for (const target of listLinks(readPage(file))) {
        const path = normalize(join(dirname(file), target.split('#')[0] ?? ''));
        const isPage =
          path.startsWith('docs/') && path.endsWith('.md') && statSync(join(ROOT, path)).isFile();
        if (isPage) reached.add(path);
      }
    }
    const pages = PAGES.map(({ file }) => file).filter((file) => file.startsWith('docs/'));
    expect([...reached].sort()).toEqual(pages);
  });
});
