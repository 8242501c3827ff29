import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, findViolations, launchChromium, LOOKS } from '../support/chromium.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { openDashboard, type OpenDashboard } from './open-dashboard.js';
import { press } from './press.js';
import { NOW, useScene } from './scene.js';

const CHROMIUM = findChromium();
const PAST = '2026-02-20';

describe('a run as of now', () => {
  const scene = useScene();

  it('is not offered if the source has history, and takes a boolean', async () => {
    expect((await scene.get('/pipelines/persons')).body).not.toContain('as-of-now');
    const body = '{"pipeline":"persons","date":"2026-02-01","asOfNow":"yes"}';
    expect((await press(scene.dashboard, { body })).status).toBe(400);
  });

  it('is not suggested if a future date is rejected', async () => {
    const body = '{"pipeline":"persons","date":"2027-02-01"}';
    const { body: text } = await press(scene.dashboard, { body });
    expect(text).toContain('`pipeline run persons --date 2027-02-01 --allow-future`');
  });
});

describe.skipIf(CHROMIUM === null)('a pipeline whose source knows no past, in a browser', () => {
  let sandbox: Sandbox;
  let dashboard: OpenDashboard;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    sandbox = await makeSandbox(undefined, 'directory');
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

  const get = () => page.goto(`${dashboard.origin}/pipelines/directory`);
  const run = () => page.getByRole('button', { name: 'Run', exact: true }).click();
  const choice = () => page.getByLabel('as of now');

  it('is offered only for dates other than today', async () => {
    await get();
    expect(await choice().isVisible()).toBe(false);
    await page.getByLabel('Run for').fill(PAST);
    await choice().waitFor();
    await page.getByText('only returns current data').waitFor();
  });

  it('lands nothing for a past date unless selected, and shows the command', async () => {
    await get();
    await page.getByLabel('Run for').fill(PAST);
    await run();
    await page.locator('code', { hasText: `pipeline run directory --date ${PAST} --as-of-now` }).waitFor();
    expect(existsSync(join(sandbox.lake, 'raw/2026/02/20'))).toBe(false);
    await choice().check();
    await run();
    await page.getByRole('heading', { name: `directory, ${PAST}` }).waitFor();
    // Of the view that is loaded when the run has ended, not the line before it.
    await page
      .getByText(/Succeeded/)
      .first()
      .waitFor();
    expect(existsSync(join(sandbox.lake, 'raw/2026/02/20'))).toBe(true);
  });

  it.each(LOOKS)('its run form fits at $width px, $colorScheme', async ({ width, colorScheme }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await get();
    await page.getByLabel('Run for').fill(PAST);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await findViolations(page)).toEqual([]);
  });
});
