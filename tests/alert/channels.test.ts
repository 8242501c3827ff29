import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { formatBlocks, formatText, formatTitle } from '../../src/alert/alert-message.js';
import { readAlertSettings } from '../../src/alert/alert-settings.js';
import { type SendOptions, sendByEmail, sendToWebhook } from '../../src/alert/channels.js';
import type { Problem } from '../../src/alert/find-problems.js';
import { LakeveilError } from '../../src/base/errors.js';
import { createFetch, type HttpFetch } from '../../src/source/http.js';
import { type Mailbox, startMailbox, startWebhook, type Webhook } from '../support/receivers.js';

const PROBLEM: Problem = {
  ...{ pipeline: 'persons', date: '2026-11-20', code: 'E_SOURCE_CONNECT', subject: null },
  ...{ kind: 'failure', severity: 'error', text: 'cannot connect <& "quoted">', next: 'try again' },
  ...{ run_id: 'run-1', at: '2026-11-20T03:00:00.000Z' },
};
const CONTENT = { opened: [PROBLEM], resolved: [], project: 'shop\r\nBcc: all@example.org' };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** The waits between tries are recorded, and take no time. */
function makeOptions(tryMs = 30_000): SendOptions & { readonly waits: number[] } {
  const waits: number[] = [];
  const http: HttpFetch = createFetch({ connections: 2 });
  closing.push(() => http.close());
  const sleep = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  const effects = { fetch: http, sleep, signal: new AbortController().signal };
  return { effects, tryMs, waitsMs: [1_000, 4_000], waits };
}

describe('a webhook', () => {
  async function send(webhook: Webhook, options: SendOptions): Promise<string | null> {
    closing.push(webhook.close);
    const { webhook: url } = readAlertSettings(new Map([['ALERT_WEBHOOK_URL', webhook.url]]));
    if (url === null) throw new Error('no webhook');
    return sendToWebhook(url, CONTENT, options);
  }

  it('gets blocks as Slack takes them, with all that has a meaning there escaped', async () => {
    const webhook = await startWebhook();
    expect(await send(webhook, makeOptions())).toBeNull();
    const [body = ''] = webhook.bodies;
    const { text, blocks } = JSON.parse(body) as { text: string; blocks: { type: string }[] };
    expect(blocks.map(({ type }) => type)).toEqual(['header', 'section']);
    expect(text).toContain('1 problem: persons, 2026-11-20');
    expect(body).toContain('cannot connect &lt;&amp; \\"quoted\\"&gt;');
    expect(body).toContain('Log: pipeline logs run-1');
  });

  it.each([
    { answers: [500, 503], waits: [1_000, 4_000], problem: null, headers: {} },
    { answers: [429], waits: [7_000], problem: null, headers: { 'retry-after': '7' } },
    { answers: [500, 500, 500], waits: [1_000, 4_000], problem: 'status 500', headers: {} },
    { answers: [404], waits: [], problem: 'status 404', headers: {} },
    { answers: [429], waits: [], problem: 'status 429', headers: { 'retry-after': '3600' } },
  ])('that answers $answers ends with $problem', async ({ answers, waits, problem, headers }) => {
    const webhook = await startWebhook(headers);
    webhook.answers.push(...answers);
    const options = makeOptions();
    expect(await send(webhook, options)).toBe(problem);
    expect(options.waits).toEqual(waits);
  });

  it('that hangs is given up, and its URL and answers are in no text', async () => {
    const webhook = await startWebhook();
    webhook.answers.push('hang', 'hang', 'hang');
    expect(await send(webhook, makeOptions(50))).toBe('no answer within 0.05 s');
    const gone = await startWebhook();
    await gone.close();
    expect(await send({ ...gone, close: () => Promise.resolve() }, makeOptions())).toBe('ECONNREFUSED');
  });
});

describe('email', () => {
  const variables = (url: string): Map<string, string> =>
    new Map([
      ['ALERT_SMTP_URL', url],
      ['ALERT_EMAIL_FROM', 'lakeveil@example.org'],
      ['ALERT_EMAIL_TO', 'one@example.org, two@example.org'],
    ]);

  async function send(url: string, options: SendOptions): Promise<string | null> {
    const { email } = readAlertSettings(variables(url));
    if (email === null) throw new Error('no email');
    return sendByEmail(email, CONTENT, options);
  }

  async function open(options?: Parameters<typeof startMailbox>[0]): Promise<Mailbox> {
    const mailbox = await startMailbox(options);
    closing.push(mailbox.close);
    return mailbox;
  }

  it('has one subject line, whatever the project is called, and goes to each address', async () => {
    const mailbox = await open();
    expect(await send(`smtp://127.0.0.1:${mailbox.port}`, makeOptions())).toBeNull();
    const [message = ''] = mailbox.messages;
    const [head = '', body = ''] = message.split('\r\n\r\n');
    expect(head).toMatch(/^Subject: Lakeveil shop Bcc: all@example\.org: 1 problem: persons/m);
    expect(head).not.toMatch(/^Bcc:/m);
    expect(head).toMatch(/^To: one@example\.org, two@example\.org/m);
    expect(body).toContain('Next: try again');
  });

  it('is sent again after a transient refusal, and not after a permanent one', async () => {
    const mailbox = await open();
    mailbox.refusals.push(451, 550);
    const options = makeOptions();
    expect(await send(`smtp://127.0.0.1:${mailbox.port}`, options)).toBe('SMTP status 550');
    expect(options.waits).toEqual([1_000]);
    expect(mailbox.messages).toEqual([]);
  });

  it('sends no password without TLS', async () => {
    let logins = 0;
    const mailbox = await open({
      onAuth(_, __, done) {
        logins++;
        done(null, { user: 'a' });
      },
    });
    const problem = await send(`smtp://user:kanarypassword@127.0.0.1:${mailbox.port}`, makeOptions());
    expect(problem).toMatch(/^(?:SMTP status 5\d\d|E[A-Z]+)$/);
    expect({ logins, messages: mailbox.messages }).toEqual({ logins: 0, messages: [] });
  });

  it('gives up a server that never greets', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(
      () =>
        new Promise((resolve) => {
          for (const socket of sockets) socket.destroy();
          server.close(resolve);
        }),
    );
    const { port } = server.address() as AddressInfo;
    expect(await send(`smtp://127.0.0.1:${port}`, makeOptions(50))).toMatch(/^(?:no answer within|E)/);
  });
});

describe('the variables', () => {
  it.each([
    ['ALERT_WEBHOOK_URL', 'kanary'],
    ['ALERT_WEBHOOK_URL', 'http://hooks.example.org/kanary'],
    ['ALERT_SMTP_URL', 'https://kanary@mail.example.org'],
    ['ALERT_SMTP_URL', 'smtps://user:100%kanary@mail.example.org'],
    ['ALERT_ON', 'failure, kanary'],
  ])('%s is refused without its value', (name, value) => {
    const error = errorOf(() => readAlertSettings(new Map([[name, value]])));
    expect(error).toMatchObject({ code: 'E_ENV_INVALID', exit: 2 });
    expect(`${error.message} ${error.remedy}`).toContain(name);
    expect(JSON.stringify(error) + error.message).not.toContain('kanary');
  });

  it.each(['', 'kanary', 'a@b\r\nBcc: c@d', 'a@b,'])('the address %j is refused', (address) => {
    const settings = new Map([
      ['ALERT_SMTP_URL', 'smtp://127.0.0.1'],
      ['ALERT_EMAIL_FROM', 'a@example.org'],
      ['ALERT_EMAIL_TO', address],
    ]);
    expect(errorOf(() => readAlertSettings(settings)).code).toBe('E_ENV_INVALID');
  });

  it('hold their secrets where no text shows them', () => {
    const settings = readAlertSettings(
      new Map([
        ['ALERT_WEBHOOK_URL', 'https://hooks.example.org/kanary'],
        ['ALERT_SMTP_URL', 'smtps://user:kanary@mail.example.org'],
        ['ALERT_EMAIL_FROM', 'a@example.org'],
        ['ALERT_EMAIL_TO', 'b@example.org'],
      ]),
    );
    expect(JSON.stringify(settings) + String(settings.webhook)).not.toContain('kanary');
  });
});

describe('a message', () => {
  it('lists twenty problems, and says how many more there are', () => {
    const opened = Array.from({ length: 25 }, (_, day) => ({ ...PROBLEM, date: `2026-10-${day + 1}` }));
    const content = { ...CONTENT, opened };
    expect(formatTitle(content)).toContain('25 problems: persons, 2026-10-1; persons, 2026-10-2');
    expect(formatText(content)).toContain('and 5 more: see `pipeline alert`');
    expect((formatBlocks(content) as { blocks: unknown[] }).blocks).toHaveLength(22);
  });
});

function errorOf(work: () => unknown): LakeveilError {
  try {
    work();
  } catch (error) {
    if (error instanceof LakeveilError) return error;
  }
  throw new Error('nothing was thrown');
}
