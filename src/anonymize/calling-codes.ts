import { getCountries, getCountryCallingCode } from 'libphonenumber-js/min';

/** Every calling code (ITU-T E.164), longest first, so that `+1` does not hide a longer one. */
const codes = [...new Set(getCountries().map((country) => getCountryCallingCode(country)))].sort(
  (a, b) => b.length - a.length || a.localeCompare(b, 'en'),
);

/** A pattern of a plus sign and a calling code. */
export const CALLING_CODE = `\\+(?:${codes.join('|')})`;
