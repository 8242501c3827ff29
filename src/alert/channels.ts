import type { Effects, Fetch } from '../base/effects.js';
import { systemCode } from '../base/errors.js';
import type { Secret } from '../definition/read/request-texts.js';
import { type AlertContent, formatBlocks, formatText, formatTitle } from './alert-message.js';
import type { EmailSettings } from './alert-settings.js';

/** How a message was taken: null, or why it was not, in words without a URL, an address or what a server answered. */
type Taken = { readonly problem: null } | { readonly problem: string; readonly retryAfterMs: number | null };

const TAKEN: Taken = { problem: null };

export interface SendOptions {
  readonly effects: Pick<Effects, 'fetch' | 'sleep' | 'signal'>;
  /** How long one try may take. */
  readonly tryMs: number;
  /** The waits between tries; one more try than waits. */
  readonly waitsMs: readonly number[];
}

export const SEND_LIMITS = { tryMs: 5_000, waitsMs: [1_000, 4_000] } as const;

/** Longer than this, no server is waited for. */
const LONGEST_WAIT_MS = 10_000;

/**
 * Sends a message by a channel, and again where that may help.
 * @returns why it was not taken; null if it was
 */
async function sendWithRetries(
  send: (signal: AbortSignal) => Promise<Taken>,
  { effects: { sleep, signal }, tryMs, waitsMs }: SendOptions,
): Promise<string | null> {
  for (let index = 0; ; index++) {
    const limit = AbortSignal.timeout(tryMs);
    const taken = await send(AbortSignal.any([signal, limit])).catch((error: unknown) => ({
      problem: limit.aborted ? `no answer within ${tryMs / 1000} s` : systemCode(error),
      retryAfterMs: 0,
    }));
    if (taken.problem === null) return null;
    const wait = waitsMs[index];
    const { retryAfterMs } = taken;
    if (wait === undefined || retryAfterMs === null || retryAfterMs > LONGEST_WAIT_MS) return taken.problem;
    await sleep(Math.max(wait, retryAfterMs), signal);
  }
}

/** Posts to a webhook. */
export function sendToWebhook(
  url: Secret,
  content: AlertContent,
  options: SendOptions,
): Promise<string | null> {
  const body = JSON.stringify(formatBlocks(content));
  return sendWithRetries((signal) => post(options.effects.fetch, url, body, signal), options);
}

async function post(fetch: Fetch, url: Secret, body: string, signal: AbortSignal): Promise<Taken> {
  const headers = { 'content-type': 'application/json', 'user-agent': 'lakeveil' };
  const {
    status,
    headers: answered,
    discard,
  } = await fetch(new URL(url.reveal()), { method: 'POST', headers, body, signal });
  discard();
  if (status >= 200 && status < 300) return TAKEN;
  const canHelp = status === 429 || status === 408 || status >= 500;
  const seconds = Number(answered['retry-after'] ?? 0);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : 0;
  return { problem: `status ${status}`, retryAfterMs: canHelp ? waitMs : null };
}

/** Sends an email by SMTP. The library is loaded when it is needed. */
export async function sendByEmail(
  settings: EmailSettings,
  content: AlertContent,
  options: SendOptions,
): Promise<string | null> {
  const { createTransport } = await import('nodemailer');
  const { tryMs } = options;
  const url = new URL(settings.url.reveal());
  const hasLogin = url.username !== '';
  const mail = {
    from: settings.from,
    to: [...settings.to],
    subject: formatTitle(content),
    text: formatText(content),
  };
  return sendWithRetries(async (signal) => {
    const transport = createTransport({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port === '' ? (url.protocol === 'smtps:' ? 465 : 587) : url.port),
      secure: url.protocol === 'smtps:',
      // A password goes over TLS.
      requireTLS: hasLogin,
      ...(hasLogin && {
        auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
      }),
      connectionTimeout: tryMs,
      greetingTimeout: tryMs,
      socketTimeout: tryMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await Promise.race([transport.sendMail(mail), rejectAt(signal)]);
      return TAKEN;
    } catch (error) {
      if (signal.aborted) throw error;
      return describeSmtp(error);
    } finally {
      transport.close();
    }
  }, options);
}

function rejectAt(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('aborted'));
    });
  });
}

/** 4yz is transient, 5yz is not (RFC 5321, section 4.2.1). The text of the server is not shown. */
function describeSmtp(error: unknown): Taken {
  const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
  if (code > 0) return { problem: `SMTP status ${code}`, retryAfterMs: code < 500 ? 0 : null };
  const name = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = /^E[A-Z]{2,20}$/.test(name) ? name : 'unknown';
  return { problem: known, retryAfterMs: known === 'EAUTH' || known === 'EENVELOPE' ? null : 0 };
}
