import { spreadByWeight } from '../server/random.js';

/** In place of a provider: the person has a domain of their own, made from the surname. */
export const OWN_DOMAIN = '';

/** Percent of the people of a country, of the 80 or so that a provider serves; the rest have a domain of their own. */
const WORLD: Readonly<Record<string, number>> = {
  'gmail.com': 38,
  'yahoo.com': 11,
  'hotmail.com': 11,
  'outlook.com': 9,
  'icloud.com': 6,
  'aol.com': 2,
  'live.com': 2,
  'protonmail.com': 1,
};

const BY_COUNTRY: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AT: { 'gmail.com': 32, 'gmx.at': 24, 'hotmail.com': 8, 'outlook.com': 6, 'aon.at': 5, 'icloud.com': 4 },
  BR: { 'gmail.com': 50, 'hotmail.com': 16, 'yahoo.com.br': 6, 'outlook.com': 5, 'uol.com.br': 4 },
  CH: { 'gmail.com': 32, 'bluewin.ch': 18, 'gmx.ch': 14, 'hotmail.com': 9, 'icloud.com': 7 },
  CN: { 'qq.com': 44, '163.com': 22, '126.com': 8, 'sina.com': 4, 'outlook.com': 2 },
  CZ: { 'seznam.cz': 40, 'gmail.com': 32, 'centrum.cz': 6, 'email.cz': 4 },
  DE: {
    'gmail.com': 28,
    'gmx.de': 19,
    'web.de': 17,
    't-online.de': 7,
    'hotmail.com': 4,
    'outlook.com': 3,
    'freenet.de': 2,
    'yahoo.de': 2,
  },
  FR: { 'gmail.com': 34, 'orange.fr': 17, 'free.fr': 10, 'hotmail.fr': 10, 'laposte.net': 6, 'yahoo.fr': 4 },
  GB: { 'gmail.com': 38, 'hotmail.co.uk': 14, 'yahoo.co.uk': 10, 'btinternet.com': 7, 'icloud.com': 7 },
  IN: { 'gmail.com': 64, 'yahoo.co.in': 7, 'rediffmail.com': 6, 'outlook.com': 4 },
  IT: { 'gmail.com': 38, 'libero.it': 22, 'hotmail.it': 9, 'alice.it': 5, 'virgilio.it': 4, 'yahoo.it': 3 },
  JP: { 'gmail.com': 38, 'yahoo.co.jp': 28, 'icloud.com': 9, 'docomo.ne.jp': 6 },
  KR: { 'naver.com': 46, 'gmail.com': 22, 'hanmail.net': 12 },
  PL: { 'gmail.com': 34, 'wp.pl': 22, 'o2.pl': 11, 'onet.pl': 9, 'interia.pl': 5 },
  RU: { 'mail.ru': 38, 'yandex.ru': 26, 'gmail.com': 14, 'rambler.ru': 3 },
  US: {
    'gmail.com': 42,
    'yahoo.com': 13,
    'hotmail.com': 7,
    'icloud.com': 7,
    'outlook.com': 5,
    'aol.com': 5,
    'comcast.net': 2,
  },
};

function spreadProviders(percent: Readonly<Record<string, number>>): readonly string[] {
  const served = Object.values(percent).reduce((sum, share) => sum + share, 0);
  return spreadByWeight([...Object.entries(percent), [OWN_DOMAIN, 100 - served]]);
}

const WORLD_SPREAD = spreadProviders(WORLD);
const SPREADS = new Map(
  Object.entries(BY_COUNTRY).map(([code, percent]) => [code, spreadProviders(percent)]),
);

/** Mail domains of a country, each as often as it is met, with `OWN_DOMAIN` for those that no provider serves. */
export function listMailDomains(countryCode: string): readonly string[] {
  return SPREADS.get(countryCode) ?? WORLD_SPREAD;
}
