import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** Debian's Chromium; null where there is none. Where everything must be tried, that is a failure. */
export function findChromium(): string | null {
  const found = PLACES.find((path) => existsSync(path)) ?? null;
  if (found !== null) return found;
  if (process.env['REQUIRE_INTEGRATION'] === '1') throw new Error('Chromium is not installed');
  console.log('skipped: the pages in a browser, since Chromium is not installed');
  return null;
}

/** A browser that waits for what a test waits for, however busy the machine is. */
export async function launchChromium(executablePath: string, args: readonly string[] = []): Promise<Browser> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', ...args], timeout: 0 });
  browser.on('context', (context) => {
    context.setDefaultTimeout(0);
  });
  return browser;
}

/** A page in a hand and on a desk, by day and by night. */
export const LOOKS = [360, 1600].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
);

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What keeps some readers from reading the page, by axe's rules. */
export async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await axe.run()).violations;
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200) ?? ''}`);
}
