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
