import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../canary/run-here.js';
import { findChromium, findViolations, launchChromium, LOOKS } from '../support/chromium.js';
import { holdSource } from './hold-source.js';
import { DATE, useScene } from './scene.js';

const CHROMIUM = findChromium();
const VIEWS = ['/', '/pipelines/persons', '/runs', '/privacy/persons', '/lake/persons', '/nowhere'];
/** Stores the status of a run's view, which is soon replaced. */
const KEEP_STATUS = `new MutationObserver(() => {
  const status = document.querySelector('[data-live] .status');
  if (status === null) return;
  sessionStorage.setItem('said', (sessionStorage.getItem('said') ?? '') + status.textContent + ';');
}).observe(document, { subtree: true, childList: true, characterData: true })`;

describe.skipIf(CHROMIUM === null)('in a browser', () => {
  const scene = useScene();
  const contexts: BrowserContext[] = [];
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium(CHROMIUM ?? '');
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });
  afterAll(async () => {
    await browser.close();
  });

  interface Watched {
    readonly page: Page;
    readonly context: BrowserContext;
    /** Requests to other origins, policy violations and script errors. */
    readonly problems: string[];
  }

  async function open(
    options: Parameters<Browser['newContext']>[0] = {},
    on = scene.dashboard,
  ): Promise<Watched> {
    const context = await browser.newContext(options);
    contexts.push(context);
    const problems: string[] = [];
    context.on('request', (request) => {
      if (new URL(request.url()).origin !== on.origin) problems.push(`asked for ${request.url()}`);
    });
    context.on('console', (message) => {
      if (/Content Security Policy|Refused/.test(message.text())) problems.push(message.text());
    });
    context.on('weberror', (error) => problems.push(error.error().message));
    const page = await context.newPage();
    await page.goto(on.newLink());
    await page.waitForURL(`${on.origin}/`);
    return { page, context, problems };
  }

  it.each(LOOKS)(
    'views fit and are accessible at $width px, $colorScheme',
    async ({ width, colorScheme }) => {
      const { page, problems } = await open({ colorScheme, viewport: { width, height: 900 } });
      const [entry = ''] = scene.listLedger();
      for (const path of [...VIEWS, `/runs/${basename(entry, '.json')}`]) {
        await page.goto(scene.dashboard.origin + path);
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect(wide, path).toBeLessThanOrEqual(width);
        expect(await findViolations(page), path).toEqual([]);
      }
      expect(problems).toEqual([]);
    },
  );

  it('Run starts a run, shows its progress in two tabs, and ends with its view', async () => {
    const source = await holdSource();
    const other = await scene.open(source.opening);
    try {
      const { page, context, problems } = await open({}, other);
      await context.addInitScript(KEEP_STATUS);
      await page.goto(`${other.origin}/pipelines/persons`);
      await page.getByLabel('Run for').fill('2026-01-15');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
      const second = await context.newPage();
      await second.goto(page.url());
      for (const tab of [page, second]) await tab.getByText('fetching persons').waitFor();
      expect(await findViolations(page)).toEqual([]);
      source.release();
      for (const tab of [page, second])
        await tab
          .getByText(/Succeeded/)
          .first()
          .waitFor();
      expect(await page.getByText('In progress').count()).toBe(0);
      expect(await page.evaluate('sessionStorage.getItem("said")')).toContain('persons: 200 of 200 records');
      await page.getByRole('link', { name: 'View reports' }).click();
      await page.getByRole('heading', { name: 'People by mail provider' }).waitFor();
      expect(new URL(page.url()).search).toBe('?date=2026-01-15');
      expect(problems).toEqual([]);
    } finally {
      source.release();
      await other.stop();
      await source.close();
    }
  });

  it('closing a view does not stop its run, and a second run links to it', async () => {
    const source = await holdSource();
    const other = await scene.open(source.opening);
    try {
      const { page, context } = await open({}, other);
      const start = async (tab: Page, date: string): Promise<void> => {
        await tab.goto(`${other.origin}/pipelines/persons`);
        await tab.getByLabel('Run for').fill(date);
        await tab.getByLabel('Run for').press('Enter');
      };
      await start(page, '2026-01-16');
      await page.getByText('fetching persons').waitFor();
      await page.close();
      const second = await context.newPage();
      await start(second, '2026-01-17');
      await second.getByRole('link', { name: 'View the run of persons for 2026-01-16' }).click();
      await second.getByText('In progress').waitFor();
      source.release();
      await second
        .getByText(/Succeeded/)
        .first()
        .waitFor();
    } finally {
      source.release();
      await other.stop();
      await source.close();
    }
  });

  it('a date that cannot be run shows a message next to the button', async () => {
    const { page } = await open();
    await page.goto(`${scene.dashboard.origin}/pipelines/persons`);
    await page.evaluate(`document.querySelector('form[data-run] input').removeAttribute('max')`);
    await page.getByLabel('Run for').fill('2027-01-01');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText(/^Not started: /).waitFor();
  });

  it('a downloaded CSV is the same that `export` writes', async () => {
    const out = join(scene.sandbox.root, 'by-export');
    const ended = await runHere(scene.sandbox, ['export', 'persons', '--date', DATE, '--out', out]);
    expect(ended.exit, ended.stderr).toBe(0);
    const { page } = await open();
    await page.goto(`${scene.dashboard.origin}/pipelines/persons?date=${DATE}`);
    const coming = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download CSV: People by mail provider' }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe(`email_provider_count-${DATE}.csv`);
    const path = await download.path();
    expect(readFileSync(path, 'utf8')).toBe(readFileSync(join(out, 'email_provider_count.csv'), 'utf8'));
  });

  it('can be used by keyboard alone', async () => {
    const { page } = await open();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('persons');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/pipelines\/persons$/);
    await page.keyboard.press('Tab');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).not.toBe('none');
  });

  it('values of the lake are never executed', async () => {
    const { page, problems } = await open();
    const alerts: string[] = [];
    page.on('dialog', (dialog) => {
      alerts.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(`${scene.dashboard.origin}/pipelines/persons`);
    await page.locator('table').getByText('<script>alert("kanary")</script>').waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect({ alerts, problems }).toEqual({ alerts: [], problems: [] });
  });

  it('shows a message if the dashboard was stopped', async () => {
    const other = await scene.open();
    const { page } = await open({}, other);
    await page.goto(`${other.origin}/pipelines/persons`);
    await other.stop();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText('is not responding').waitFor();
  });

  it('another site can neither read nor start anything', async () => {
    const { context, page } = await open();
    const before = scene.listLedger();
    const other = await scene.open();
    const foreign = await context.newPage();
    await foreign.goto(`${other.origin}/`);
    const origin = scene.dashboard.origin;
    const answers = await foreign.evaluate(async (target) => {
      const ask = (init: RequestInit) =>
        fetch(`${target}/runs`, init).then(
          (response) => `${response.type} ${response.status}`,
          () => 'rejected',
        );
      const body = JSON.stringify({ pipeline: 'persons', date: '2026-01-20' });
      return [
        await ask({ method: 'POST', mode: 'no-cors', credentials: 'include', body }),
        await ask({ method: 'POST', credentials: 'include', body }),
      ];
    }, origin);
    expect(answers.every((answer) => answer === 'rejected' || answer.startsWith('opaque'))).toBe(true);
    expect(scene.listLedger()).toEqual(before);
    await page.goto(`${origin}/`);
    await other.stop();
  });

  it('answers only to its own host name', async () => {
    const rebound = await launchChromium(CHROMIUM ?? '', [
      '--host-resolver-rules=MAP evil.example 127.0.0.1',
    ]);
    try {
      const page = await rebound.newPage();
      const link = new URL(scene.dashboard.newLink());
      link.hostname = 'evil.example';
      const answer = await page.goto(link.href);
      expect(answer?.status()).toBe(421);
      expect(await page.context().cookies()).toEqual([]);
      await page.getByText(`only available at ${scene.dashboard.origin}/`).waitFor();
    } finally {
      await rebound.close();
    }
  });
});
