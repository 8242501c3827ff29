/** Words that closed lists have with a capital; none of them that many people are called by. */
const PLAIN = new Set(
  `active inactive open opened closed pending new draft published archived deleted removed cancelled canceled completed
  complete done failed failure succeeded success error warning paid unpaid overdue refunded shipped delivered returned
  processing processed running stopped waiting scheduled approved rejected accepted declined confirmed expired suspended
  blocked enabled disabled online offline public private internal external visible hidden available unavailable sold
  web website app mobile desktop store shop retail wholesale email phone sms chat letter referral organic social direct
  paid search display affiliate newsletter event partner other unknown none yes no true false high medium low critical
  urgent normal minor severe standard basic premium pro plus free trial enterprise business personal gold silver bronze
  platinum hourly daily weekly monthly quarterly yearly annual once large red blue yellow purple orange card cash transfer
  invoice credit debit bank income expense purchase sale order product service ticket bug feature task story incident
  question request customer supplier vendor employee user guest admin member male female diverse single married divorced
  widowed bachelor master primary secondary north south east west`.split(/\s+/),
);

/**
 * Whether a text is one that lists have and people are not called by: in lower case, a code in capitals (`EUR`), or
 * words that are known. `Schmidt` is none.
 */
export function isPlainMember(text: string): boolean {
  if (text === text.toLowerCase() || /^[\p{Lu}\p{N}]+(?:[_-][\p{Lu}\p{N}]+)*$/u.test(text)) return true;
  const words = text.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word !== '');
  return words.every((word) => word === word.toLowerCase() || PLAIN.has(word.toLowerCase()));
}
