import { wordsOf } from './name-kinds.js';

/**
 * Words of closed lists. None is a common first or last name in any language: a word that is missing here costs an `enum`
 * in a draft, and a name would be stored with the code.
 */
const WORDS = new Set(
  `
  aborted accepted active added admin adult affiliate amex amount annual annually api app approved
  archived arrived assigned audio auto automated automatic available bachelor back backlog backlogged
  backorder bank basic batch beta billing binary blocked blue boarding bot bottom bounced breakfast bug
  business busy canceled cancelled cancelling card cash center changed chargeback chat check cheque child
  churned class clicked closed cm company complete completed confirmed contacted contract contractor
  converted coupon created credit critical csv custom customer daily days debit debug declined default
  degraded delete deleted delivered delivery departed deprecated desktop development dinner direct
  disabled discount dispatched display dispute diverse divorced do document doing done double down
  downgrade draft drafted duplicate economy editor education email employee enabled enterprise error
  escalated event exchange expense expired exported external extra fail failed failure false fatal fax
  feature female file finished first fixed flaky flat folder free freelance front ftp full g get
  government guest healthy hidden high hired holiday home hour hourly hours html http https hybrid idle
  image import imported in inactive inbound incident income incoming individual infant info inside intern
  internal internship invalid invalidated invoice json kg km l landline latest lb leave left legacy
  letter live loading locked lost low lunch m maintenance male manager manual married mastercard medium
  member merged mi mid minor minute minutes ml mm mobile moderator modified month monthly months moved
  negative neutral new newsletter no nonbinary none nonprofit normal notice nurture office offline
  on once online onsite open opened operator opportunity options orange order organic organization other
  outage outbound outgoing outside overdue owner packed packing paid pair part partner pass passed patch
  paused pausing paypal pcs pdf pending percent permanent personal phone picking pickup piece pieces
  planned plus positive premium preorder prepaid primary private pro probation processed processing
  product production progress prospect public published purchase purple put qualified quarterly question
  queued read ready received recurring red referral refund refunded rejected remote removed renamed
  renewal reopened request resolved restored resumed retail retired retry retrying return returned review
  reviewed right room running s sale sandbox scheduled search second secondary seconds senior sent sepa
  service set severe shipped shipping shop shut sick single sms social sold split stable
  staging standard started stopped store stream stripe student subscription succeeded success suite
  superadmin supplier suspended synced system task teacher temporary terminated tertiary test testing text
  ticket time timeout to todo transfer transit triage trial true twin unassigned unavailable
  undisclosed unhealthy unit units unknown unlocked unpaid unqualified unread unverified up updated
  upgrade urgent user vacation vendor verified very video viewer visible voucher waiting warn warning web
  website week weekly weeks wholesale widowed wire wontfix work writer xl xml xs xxl xxxl year yearly
  years yellow yes
  `
    .trim()
    .split(/\s+/),
);

/**
 * Whether a text may be shown as a member of a closed list: one word of the list above in small or capital letters, or
 * such words joined by `_` or `-`; a code with a digit, such as `P1`; in a field named after them, a code of a currency
 * (ISO 4217), of a country (ISO 3166) or of a language (ISO 639). Anything else may be a name.
 */
export function isListWord(text: string, field: string): boolean {
  if (isWordOfList(text)) return true;
  if (/^(?=\D*\d)[A-Z\d]{1,4}$/.test(text) || /^[A-Z]$/.test(text)) return true;
  const words = wordsOf(field);
  if (/\bcurrency\b|\bccy\b/.test(words)) return CURRENCIES.has(text);
  if (/\bcountry\b|\bregion\b|\bnation/.test(words)) return isCode(text, /^[A-Z]{2}$/, 'region');
  return /\blang|\blocale\b/.test(words) && isCode(text, /^[a-z]{2}$/, 'language');
}

function isWordOfList(text: string): boolean {
  const parts = text.split(/[_-]/);
  const isOneCase = [text.toLowerCase(), text.toUpperCase(), capitalize(text)].includes(text);
  return isOneCase && parts.every((part) => WORDS.has(part.toLowerCase()));
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
}

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

function isCode(text: string, form: RegExp, type: 'region' | 'language'): boolean {
  return form.test(text) && new Intl.DisplayNames(['en'], { type, fallback: 'none' }).of(text) !== undefined;
}
