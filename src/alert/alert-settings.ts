import { failure } from '../base/errors.js';
import { isLoopback } from '../base/loopback.js';
import { ALERT_KINDS, type AlertKind } from '../base/types/run-record.js';
import { Secret } from '../definition/read/request-texts.js';

/** Where alerts go, and which ones. */
export interface AlertSettings {
  readonly webhook: Secret | null;
  readonly email: EmailSettings | null;
  readonly kinds: ReadonlySet<AlertKind>;
}

export interface EmailSettings {
  /** `smtps://USER:PASSWORD@HOST:PORT`. */
  readonly url: Secret;
  readonly from: string;
  readonly to: readonly string[];
}

/**
 * Reads the variables ALERT_…; none of their values is in an error.
 * @throws E_ENV_INVALID
 */
export function readAlertSettings(variables: ReadonlyMap<string, string>): AlertSettings {
  return {
    webhook: readWebhook(variables.get('ALERT_WEBHOOK_URL')),
    email: readEmail(variables),
    kinds: readKinds(variables.get('ALERT_ON')),
  };
}

export function hasChannel({ webhook, email }: AlertSettings): boolean {
  return webhook !== null || email !== null;
}

/** A URL is as good as a password, so it goes over TLS, or nowhere but to this machine. */
function readWebhook(text: string | undefined): Secret | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!isSafe || url.username !== '')
    throw invalid('ALERT_WEBHOOK_URL', 'an https URL, or an http URL of this machine');
  return new Secret(['ALERT_WEBHOOK_URL'], text);
}

function readEmail(variables: ReadonlyMap<string, string>): EmailSettings | null {
  const text = variables.get('ALERT_SMTP_URL');
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '' || !canDecode(url))
    throw invalid('ALERT_SMTP_URL', 'a URL such as smtps://USER:PASSWORD@HOST:465');
  const addresses = (name: string): readonly string[] =>
    (variables.get(name) ?? '').split(',').map((address) => {
      // Header lines end with CR and LF, so that an address with them could add headers.
      if (!/^[^\s@,;<>"\r\n]+@[^\s@,;<>"\r\n]+$/.test(address.trim()))
        throw invalid(name, 'an address such as data@example.org, or several with commas between them');
      return address.trim();
    });
  const [from = ''] = addresses('ALERT_EMAIL_FROM');
  return { url: new Secret(['ALERT_SMTP_URL'], text), from, to: addresses('ALERT_EMAIL_TO') };
}

/** A `%` in a password is written `%25`. */
function canDecode({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

function readKinds(text: string | undefined): ReadonlySet<AlertKind> {
  if (text === undefined) return new Set(ALERT_KINDS);
  const words = text.split(',').map((word) => word.trim());
  const kinds = ALERT_KINDS.filter((kind) => words.includes(kind));
  if (kinds.length !== words.length)
    throw invalid('ALERT_ON', `kinds with commas between them: ${ALERT_KINDS.join(', ')}`);
  return new Set(kinds);
}

function invalid(name: string, wants: string) {
  return failure('E_ENV_INVALID', { name, wants });
}
