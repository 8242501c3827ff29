import { addWanted, hide } from './request-texts.js';
import type { Origins } from './request-texts.js';
import type { AuthDefinition } from './definition.js';
import { isFileBase } from './file-base.js';
import { keyOf } from './interpolate.js';
import type { SourceForm } from './page-shape.js';
import type { Problems } from './problems.js';

const AT = ['source', 'auth'];
const TOKEN_URL = 'an http(s) URL without user, query and fragment';

/** How a source is told who asks; null where nothing is said. What is wrong goes to `problems`. */
export function completeAuth(form: SourceForm, origins: Origins, problems: Problems): AuthDefinition | null {
  const { auth } = form;
  if (auth === undefined) return null;
  if (isFileBase(form.base_url)) problems.add(AT, 'files ask nobody who they are', 'remove `auth`');
  if (Object.keys(form.headers).some((name) => name.toLowerCase() === 'authorization')) {
    problems.add(AT, '`auth` and the header Authorization say the same', 'remove one of the two');
  }
  const textOf = (key: string, text: string) => hide([...AT, key], text, origins);
  switch (auth.type) {
    case 'basic':
      // RFC 7617, 2: the first colon ends the name.
      if (auth.username.includes(':'))
        addWanted([...AT, 'username'], 'text without a colon', origins, problems);
      refuseOpenSecret('password', origins, problems);
      return {
        type: 'basic',
        username: textOf('username', auth.username),
        password: textOf('password', auth.password),
      };
    case 'oauth2':
      if (!isAddress(auth.token_url)) addWanted([...AT, 'token_url'], TOKEN_URL, origins, problems);
      refuseOpenSecret('client_secret', origins, problems);
      return {
        type: 'oauth2',
        tokenUrl: auth.token_url,
        clientId: textOf('client_id', auth.client_id),
        clientSecret: textOf('client_secret', auth.client_secret),
        scope: auth.scope === undefined ? null : textOf('scope', auth.scope),
      };
  }
}

/** A page is kept with the code, and read by many. */
function refuseOpenSecret(key: string, origins: Origins, problems: Problems): void {
  if (origins.has(keyOf([...AT, key]))) return;
  const fix = `write \`${key}: \${NAME}\`, and list NAME under \`env\``;
  problems.add([...AT, key], 'a secret stands in the page', fix);
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text) || /[?#\s]/.test(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}
