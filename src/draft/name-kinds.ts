/** Kinds of leaf values, from strictest to mildest within each group. */
export type Kind =
  | 'secret'
  | 'email'
  | 'phone'
  | 'financial'
  | 'national'
  | 'device'
  | 'person'
  | 'birth'
  | 'sensitive'
  | 'coordinate'
  | 'postal'
  | 'address'
  | 'coarse'
  | 'web'
  | 'text'
  | 'id'
  | 'moment'
  | 'age'
  | 'count'
  | 'money'
  | 'fact';

/** Matched against the lowercase words of a name, separated by blanks; the first match counts. */
const BY_WORDS: readonly (readonly [Kind, RegExp])[] = [
  [
    'secret',
    /pass ?(?:word|wd|phrase|code)|\bpwd\b|secret|\btokens?\b|access token|api ?keys?\b|(?:access|private|encryption|signing) ?key|credential|\bauth(?:orization)?\b|\bsession\b|\bcookies?\b|\bpin\b|\bcv[cv]2?\b|\bt?otp\b|\bmfa\b|\b2 ?fa\b|\bsalt\b|\bhash\b|\bjwt\b|bearer|signature|seed phrase|mnemonic|\bmd ?5\b|\bsha ?\d*\b|security (?:question|answer|code)|recovery/,
  ],
  ['email', /\be ?mails?\b|email|\bmail\b|courriel|correo/],
  ['phone', /phone|mobile|\bcell\b|\btel\b|telefon|\bfax\b|msisdn|whatsapp|handy/],
  [
    'financial',
    /credit ?card|card ?(?:no|number|num)\b|\bcards?\b|\bpan\b|\bcc\b|\biban\b|\bbic\b|swift|account ?(?:no|number|num)\b|bank ?account|routing|sort ?code|wallet|\bcvv\b/,
  ],
  [
    'national',
    /\bssn\b|social ?security|passport|\btax ?(?:id|no|number)|\btin\b|\bnino?\b|national ?(?:id|no|number|insurance)|identity|\bid ?card|driver|driving|licen[cs]e|\bcpf\b|\bcnpj\b|\bdni\b|\bnie\b|pesel|\bbsn\b|\bsin\b|steuer|personnummer|\bcurp\b|aadhaar|\bvat\b|plate/,
  ],
  [
    'device',
    /\bips?\b|ip ?addr|\bmac\b|\bimei\b|\bimsi\b|\bidfa\b|\bgaid\b|device|user ?agent|fingerprint|advertis|browser/,
  ],
  ['id', /\b(?:ids?|uuid|guid)$/],
  [
    'birth',
    /birth|\bb ?day\b|\bborn\b|\bdob\b|geburt|geboren|naissance|nacimiento|fecha nac|nascita|nasc(?:imento)?\b|geboorte|f[oö]delse|fødsel|urodz|dogum|doğum/,
  ],
  [
    'sensitive',
    /relig|ethnic|\brace\b|caste|tribe|politic|\bparty\b|\bunion\b|health|diagnos|disease|illness|disorder|symptom|medic|disab|allerg|blood|genetic|\bdna\b|biometric|orientation|sexual|pregnan|abort|\bhiv\b|\bcd ?4\b|viral|vaccin|glucose|\bbmi\b|\bpain\b|\biq\b|\bdrugs?\b|addict|alcohol|smok|therap|psych|suicid|trauma|crimin|convict|arrest|prison|inmate|\bvisa\b|asylum|refugee|immigra|citizen|salar|income|\bwages?\b|insurance|faith|treatment|patholog|konfession|krank|gesund|gehalt|\blohn\b|gewerkschaft|salaire|sueldo|\bsalud|santé|maladie|enferm|saúde/,
  ],
  [
    'coordinate',
    /\blat(?:itude)?\b|\blo?ng?(?:itude)?\b|\blong\b|coord|\bgeo(?:hash|location|point)?\b|\blocation\b/,
  ],
  ['postal', /\bzip\b|zip ?code|postal|post ?code|\bplz\b/],
  [
    'address',
    /street|address|\baddr\b|house|\bsuite\b|apartment|\bapt\b|building|\bline ?\d\b|strasse|straße/,
  ],
  [
    'web',
    /\burls?\b|\buri\b|website|homepage|\bweb\b|\blinks?\b|\bhref\b|avatar|image|\bimg\b|photo|picture|\bicon\b|facebook|twitter|linkedin|instagram|github|social|\bdomain\b/,
  ],
  [
    'person',
    /name\b|\bnames\b|\bnick|\blogin\b|\bhandle\b|author|\bowner\b|manager|assignee|reporter|\bby$|contact|customer$|\busers?$|employee$|patient|doctor|physician|seller$|buyer$|\bagent$|driver|guest|member$|spouse|mother|father|parent$|\bchild|\bperson\b|maiden|signer|recipient|sender|\bhost\b|\balias\b|surname|prénom|\bnom\b|nombre|apellido|vorname|nachname|teacher|student$|lead$|\b(?:first|last|given|family|middle|full)$/,
  ],
  [
    'text',
    /descr|comment|\bnotes?\b|\bbio\b|\babout\b|message|\bbody\b|content|\btext\b|remark|summary|subject|feedback|review|reason|caption|\btitle\b/,
  ],
  ['age', /\bage\b/],
  [
    'coarse',
    /\bcity\b|\btown\b|village|county|region|province|\bstate\b|country|nation|locale|\blang|time ?zone|\btz\b|gender|\bsex\b|marital|salutation|prefix|suffix|education|occupation|\bjob\b|profession|department|company|organi[sz]ation|employer|school|district/,
  ],
  ['moment', /\b(?:at|on|date|time|timestamp|day|created|updated|modified|expir\w*|since|until|datetime)\b/],
  [
    'id',
    /\bids?\b|uuid|guid|\bkey\b|\bref(?:erence)?\b|\bnumber\b|\bno\b|\bslug\b|\bsku\b|\bean\b|\bisbn\b|barcode|serial/,
  ],
  [
    'count',
    /\bcounts?\b|quantity|\bqty\b|\bstock\b|rating|\blevel\b|\bviews?\b|\blikes?\b|votes?\b|capacity|\bseats\b|\brooms\b|\bpages?\b|\bpoints?\b|\bitems\b/,
  ],
  [
    'money',
    /price|amount|\btotal\b|subtotal|\bcosts?\b|\bfees?\b|\btax\b|discount|revenue|balance|budget|\bvalue\b|\bsum\b/,
  ],
  [
    'fact',
    /\bstatus\b|\btype\b|category|\bkind\b|currency|\bplan\b|\btier\b|priority|severity|channel|method|\bunit\b|colou?r|\bsize\b|\bclass\b|\bmode\b|\bstage\b|\bphase\b|\bformat\b|\bactive\b|enabled|verified|deleted|archived|published|available|completed|\bvisible\b|\bpublic\b|default|locked|\bpaid\b|shipped|\bopen\b|closed|\bvalid\b|\bdone\b/,
  ],
];

/** Kinds that do not identify a person by themselves, so other facts about a leaf count more. */
export const MILD: readonly (Kind | null)[] = [
  ...([null, 'id', 'moment', 'age', 'count', 'money', 'fact', 'coarse'] as const),
];
/** Kinds that apply to everything below such a name. */
const INHERITED: readonly (Kind | null)[] = ['secret', 'sensitive'];
/** Words without meaning unless the name above them is known. */
const EMPTY = /^(?:value|number|no|key|code|text|unit)$/;

/**
 * The kind of values that a name implies; null if none. Words that need context, such as `first` in `name.first`, are read
 * with the name above them. `diagnosis.type` is as sensitive as a diagnosis.
 */
export function kindOfName(segments: readonly string[]): Kind | null {
  const words = segments.map(wordsOf);
  const [own = '', above = ''] = words.slice(-2).reverse();
  const both = above === '' ? null : findKind(`${above} ${own}`);
  const kind = (EMPTY.test(own) ? both : null) ?? findKind(own) ?? both;
  if (!MILD.includes(kind)) return kind;
  return (
    words
      .slice(0, -1)
      .map(findKind)
      .find((higher) => INHERITED.includes(higher)) ?? kind
  );
}

function findKind(words: string): Kind | null {
  return BY_WORDS.find(([, pattern]) => pattern.test(words))?.[0] ?? null;
}

/** Whether a boolean with this name is a plain fact. */
export function isFactName(name: string): boolean {
  return BY_WORDS.some(([kind, pattern]) => kind === 'fact' && pattern.test(wordsOf(name)));
}

/** `createdAt`, `created-at` and `CREATED_AT` are `created at`. */
export function wordsOf(name: string): string {
  return name
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();
}
