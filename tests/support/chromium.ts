import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** Debian's Chromium; null where there is none. Where everything must be tried, that is a failure. */
export function findChromium(): string | null {
  const found = PLACES.find((path) => existsSync(path)) ?? null;
  if (found !== null) return found;
  if (process.env['REQUIRE_INTEGRATION'] === '1') throw new Error('Chromium is not installed');
  console.log('skipped: the pages in a browser, since Chromium is not installed');
  return null;
}

export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
