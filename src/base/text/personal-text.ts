/**
 * Small tests for text that may be somebody's: used where a *name* of a field would be shown. They err on the side of a
 * hit; a name that is withheld for nothing costs little. `_` counts as a separator, since it stands for one in names.
 */
const DETECTORS: readonly RegExp[] = [
  /[^\s@]@[^\s@]/, // email address
  /(?:[a-z][a-z0-9+.-]*:\/\/|(?:^|[^a-z])www[._])/i, // URL
  /(?:\d[\s._/()+-]*){7,}/, // phone, card, or another number split up
  /(?:\d{1,3}[._]){3}\d{1,3}/, // IPv4
  /(?:[0-9a-f]{1,4}:){2,}/i, // IPv6
  /(?:^|[^a-z0-9])[a-z]{2}\d{2}(?:[\s_-]?[a-z0-9]){11,30}(?![a-z0-9])/i, // IBAN (ISO 13616)
  /[0-9a-f]{32}/i, // digest or key
];

/** Whether a text holds what looks like an email address, phone, card, IBAN, IP address, digest or URL. */
export function looksPersonal(text: string): boolean {
  return DETECTORS.some((detector) => detector.test(text));
}

/** Keys of well-known makers, private keys in PEM (RFC 7468), digests of passwords. */
const KEY_FORMS =
  /-----BEGIN |^(?:sk|pk|rk)_(?:live|test)_|^AKIA[0-9A-Z]{12}|^gh[opsu]_\w{20}|^xox[abps]-|^AIza|^\$2[aby]\$|^\$argon2/;
/** A token in three parts, of which the first is JSON (RFC 7519). */
const JWT = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/;

/** Whether a text is what a key, a token or a digest looks like. Errs on the side of a hit. */
export function looksSecret(text: string): boolean {
  if (KEY_FORMS.test(text) || JWT.test(text)) return true;
  return /^[0-9a-f]{32,}$/i.test(text) || (/^[\w+/=-]{40,}$/.test(text) && /\d/.test(text));
}
