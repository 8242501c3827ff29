import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openDashboard, type OpenDashboard } from '../dashboard/open-dashboard.js';
import type { Sandbox } from '../support/cli.js';

/** A moment in the hour that the button of the page runs. */
const AT = '14:30:00Z';

/**
 * All that a dashboard answers about a pipeline, by address: its pages and tables, what it tells of a run that its
 * button starts for `date`, and the same pages again.
 */
export async function lookAtPages(
  { root, project }: Sandbox,
  pipeline: string,
  { source, date }: { readonly source: string; readonly date: string },
): Promise<Readonly<Record<string, string>>> {
  const page = readFileSync(join(project, 'pipelines', `${pipeline}.yaml`), 'utf8');
  const [, variable = ''] = /base_url: \$\{([A-Z_]+):-embedded\}/.exec(page) ?? [];
  const environment = { [variable]: source, RECORDS: '500' };
  const dashboard = await openDashboard({ root, project }, { now: `${date}T${AT}`, environment });
  const told: Record<string, string> = {};
  try {
    const cookie = await dashboard.enter();
    await visit(dashboard, pipeline, cookie, (path, body) => (told[`before: ${path}`] = body));
    told['events'] = await runOnce(dashboard, { pipeline, date, cookie });
    await visit(dashboard, pipeline, cookie, (path, body) => (told[`after: ${path}`] = body));
  } finally {
    await dashboard.stop();
  }
  return told;
}

async function visit(
  dashboard: OpenDashboard,
  pipeline: string,
  cookie: string,
  note: (path: string, body: string) => void,
): Promise<void> {
  const paths = ['/', `/pipelines/${pipeline}`, '/runs', `/privacy/${pipeline}`, `/lake/${pipeline}`];
  for (const path of paths) {
    const { status, body } = await dashboard.ask(path, { headers: { cookie } });
    expect(status, path).toBe(200);
    note(path, body);
    for (const [, link = ''] of body.matchAll(
      /href="(\/(?:runs\/[0-9a-f-]{36}|pipelines\/[^"]+\.csv[^"]*))"/g,
    )) {
      const linked = await dashboard.ask(link, { headers: { cookie } });
      expect(linked.status, link).toBe(200);
      note(link, linked.body);
    }
  }
}

/** Presses Run, and gives what is told until the end. */
async function runOnce(
  dashboard: OpenDashboard,
  { pipeline, date, cookie }: Readonly<Record<'pipeline' | 'date' | 'cookie', string>>,
): Promise<string> {
  const page = await dashboard.ask(`/pipelines/${pipeline}`, { headers: { cookie } });
  const [, token = ''] = /data-token="([^"]+)"/.exec(page.body) ?? [];
  const headers = { cookie, origin: dashboard.origin, 'x-lakeveil-token': token };
  const body = JSON.stringify({ pipeline, date });
  const started = await dashboard.ask('/runs', { method: 'POST', headers, body });
  expect(started.status, started.body).toBe(202);
  const { runId } = JSON.parse(started.body) as { runId: string };
  const events = await dashboard.ask(`/runs/${runId}/events`, { headers: { cookie } });
  // What a source gives of a date may be what has landed of it.
  expect(events.body).toMatch(/event: end\ndata: \{"status":"(?:succeeded|unchanged)"\}/);
  return events.body;
}
