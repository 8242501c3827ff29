import { z } from 'zod';
import type { TreatmentObjection } from '../base/types/treatment-spec.js';
import type { Dialect } from './dialect.js';

/** Which domains may be told: those of the shipped list, these besides, or any. */
export const providersParam = z
  .union([z.literal('any'), z.array(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/))])
  .default([])
  .describe('domains told besides the shipped public providers, or `any` (needs `reviewed`)');

type Providers = z.infer<typeof providersParam>;

export function reviewOpenList(providers: Providers): TreatmentObjection | null {
  return providers === 'any'
    ? { kind: 'review', why: 'a personal domain, such as a surname, identifies its owner' }
    : null;
}

/** The domain in lower case, or '' if the value is not an address with exactly one `@` and a dotted domain. */
export function domainOf(dialect: Dialect, sql: string): string {
  return dialect.capture(dialect.lower(sql), '^[^@]+@([a-z0-9-]+(?:\\.[a-z0-9-]+)+)$');
}

/** True where a domain may be told; `list` makes SQL of the list of domains. */
export function isListed(
  dialect: Dialect,
  domain: string,
  providers: Providers,
  list: (domains: readonly string[]) => string,
): string {
  if (providers === 'any') return `${domain} <> ''`;
  return dialect.isIn(domain, list([...new Set([...PROVIDERS, ...providers])]));
}

/** Public mail providers: a domain that millions share tells nothing of its owner. Others land as `other`. */
export const PROVIDERS: readonly string[] = `
  gmail.com googlemail.com outlook.com hotmail.com live.com msn.com passport.com yahoo.com ymail.com rocketmail.com
  aol.com aim.com icloud.com me.com mac.com proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de
  tuta.io tutamail.com zoho.com zohomail.com mail.com email.com usa.com gmx.com gmx.us fastmail.com fastmail.fm
  hushmail.com mailbox.org posteo.de posteo.net runbox.com inbox.com hey.com duck.com yandex.com
  comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com optonline.net
  frontier.com windstream.net rogers.com bell.net sympatico.ca shaw.ca telus.net videotron.ca
  gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de arcor.de online.de 1und1.de vodafone.de kabelmail.de
  hotmail.de yahoo.de outlook.de live.de bluewin.ch sunrise.ch hispeed.ch aon.at chello.at a1.net
  orange.fr wanadoo.fr free.fr sfr.fr laposte.net neuf.fr bbox.fr hotmail.fr yahoo.fr live.fr outlook.fr
  btinternet.com virginmedia.com sky.com talktalk.net ntlworld.com blueyonder.co.uk hotmail.co.uk yahoo.co.uk
  live.co.uk outlook.co.uk tiscali.co.uk eircom.net
  libero.it virgilio.it tiscali.it alice.it tin.it tim.it hotmail.it yahoo.it live.it outlook.it fastwebnet.it
  telefonica.net hotmail.es yahoo.es outlook.es live.nl ziggo.nl kpnmail.nl planet.nl hetnet.nl xs4all.nl home.nl
  telenet.be skynet.be proximus.be sapo.pt telia.com bredband.net spray.se online.no telenor.no jubii.dk tdcadsl.dk
  wp.pl o2.pl onet.pl interia.pl poczta.onet.pl seznam.cz centrum.cz azet.sk freemail.hu citromail.hu abv.bg
  mail.ru bk.ru inbox.ru list.ru rambler.ru yandex.ru ya.ru ukr.net i.ua
  qq.com 163.com 126.com yeah.net sina.com sohu.com foxmail.com aliyun.com naver.com daum.net hanmail.net nate.com
  yahoo.co.jp docomo.ne.jp ezweb.ne.jp softbank.ne.jp nifty.com rediffmail.com yahoo.co.in yahoo.in yahoo.com.au
  bigpond.com optusnet.com.au xtra.co.nz uol.com.br bol.com.br terra.com.br ig.com.br yahoo.com.br hotmail.com.br
  yahoo.com.mx hotmail.com.mx yahoo.com.ar prodigy.net.mx walla.com
`
  .trim()
  .split(/\s+/);
