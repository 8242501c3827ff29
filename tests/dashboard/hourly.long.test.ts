import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, findViolations, launchChromium, LOOKS } from '../support/chromium.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { openDashboard, type OpenDashboard } from './open-dashboard.js';
import { NOW } from './scene.js';

const CHROMIUM = findChromium();

describe.skipIf(CHROMIUM === null)('a pipeline that lands by the hour, in a browser', () => {
  let sandbox: Sandbox;
  let dashboard: OpenDashboard;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    sandbox = await makeSandbox(undefined, 'bookings');
    dashboard = await openDashboard(sandbox, { now: NOW });
    browser = await launchChromium(CHROMIUM ?? '');
    page = await browser.newPage();
    await page.goto(dashboard.link);
    await page.waitForURL(`${dashboard.origin}/`);
  });
  afterAll(async () => {
    await browser.close();
    await dashboard.stop();
    await sandbox.remove();
  });

  const get = () => page.goto(`${dashboard.origin}/pipelines/bookings`);
  const run = () => page.getByRole('button', { name: 'Run', exact: true }).click();
  const hasLanded = (day: string, hour: string): boolean =>
    existsSync(join(sandbox.lake, 'raw', day, `bookings.T${hour}.parquet`));

  it('lands a past hour', async () => {
    await get();
    await page.getByLabel('Run for').fill('2026-02-20');
    await page.getByLabel('Hour (UTC)').selectOption('05');
    await run();
    await page.getByRole('heading', { name: 'bookings, 2026-02-20T05' }).waitFor();
    await page
      .getByText(/Succeeded/)
      .first()
      .waitFor();
    expect(hasLanded('2026/02/20', '05')).toBe(true);
  });

  it('lands the current hour by default', async () => {
    await get();
    expect(await page.getByLabel('Run for').inputValue()).toBe(NOW.slice(0, 10));
    expect(await page.getByLabel('Hour (UTC)').inputValue()).toBe('12');
    await run();
    await page.getByRole('heading', { name: 'bookings, 2026-03-02T12' }).waitFor();
    await page
      .getByText(/Succeeded/)
      .first()
      .waitFor();
    expect(hasLanded('2026/03/02', '12')).toBe(true);
  });

  it('rejects an hour that has not started, and shows why', async () => {
    await get();
    await page.getByLabel('Hour (UTC)').selectOption('13');
    await run();
    await page.getByText('Not started: 2026-03-02T13 has not started yet (UTC)').waitFor();
    expect(hasLanded('2026/03/02', '13')).toBe(false);
  });

  it('shows the command that fetches all hours of a date', async () => {
    await page.goto(`${dashboard.origin}/pipelines/bookings?date=2026-02-21`);
    await page.getByText('pipeline backfill bookings --from 2026-02-21 --to 2026-02-21').waitFor();
  });

  it.each(LOOKS)('its run form fits at $width px, $colorScheme', async ({ width, colorScheme }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await get();
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const field = await page.getByLabel('Run for').boundingBox();
    expect(field?.width, 'room for a whole date').toBeGreaterThan(140);
    expect(await findViolations(page)).toEqual([]);
  });
});
