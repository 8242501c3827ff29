import { spreadByWeight } from '../server/random.js';

/** A country as the Faker API names it. `phone` and `zipcode` are patterns of `drawPattern`. */
export interface Country {
  readonly code: string;
  readonly name: string;
  /** E.164: calling code and a national number of a usual length. */
  readonly phone: string;
  readonly zipcode: string;
}

type Row = readonly [
  code: string,
  name: string,
  callingCode: string,
  nationalDigits: number,
  zipcode: string,
  weight: number,
];

/** Weights follow people online, softened so that small countries show; Germany stands higher, for its reports. */
const ROWS: readonly Row[] = [
  ['AE', 'United Arab Emirates', '971', 9, '#####', 4],
  ['AR', 'Argentina', '54', 10, '####', 12],
  ['AT', 'Austria', '43', 10, '####', 10],
  ['AU', 'Australia', '61', 9, '####', 12],
  ['BA', 'Bosnia and Herzegovina', '387', 8, '#####', 2],
  ['BD', 'Bangladesh', '880', 10, '####', 18],
  ['BE', 'Belgium', '32', 9, '####', 9],
  ['BG', 'Bulgaria', '359', 9, '####', 4],
  ['BR', 'Brazil', '55', 11, '#####-###', 50],
  ['CA', 'Canada', '1', 10, '?#? #?#', 20],
  ['CH', 'Switzerland', '41', 9, '####', 9],
  ['CI', "Cote d'Ivoire", '225', 10, '#####', 3],
  ['CL', 'Chile', '56', 9, '#######', 6],
  ['CN', 'China', '86', 11, '######', 60],
  ['CO', 'Colombia', '57', 10, '######', 12],
  ['CZ', 'Czech Republic', '420', 9, '### ##', 7],
  ['DE', 'Germany', '49', 11, '#####', 90],
  ['DK', 'Denmark', '45', 8, '####', 5],
  ['EG', 'Egypt', '20', 10, '#####', 14],
  ['ES', 'Spain', '34', 9, '#####', 24],
  ['ET', 'Ethiopia', '251', 9, '####', 8],
  ['FI', 'Finland', '358', 9, '#####', 5],
  ['FR', 'France', '33', 9, '#####', 34],
  ['GB', 'United Kingdom', '44', 10, '??# #??', 36],
  ['GR', 'Greece', '30', 10, '### ##', 6],
  ['HK', 'Hong Kong', '852', 8, '######', 4],
  ['HU', 'Hungary', '36', 9, '####', 5],
  ['ID', 'Indonesia', '62', 10, '#####', 30],
  ['IE', 'Ireland', '353', 9, '?## ????', 5],
  ['IL', 'Israel', '972', 9, '#######', 5],
  ['IN', 'India', '91', 10, '######', 80],
  ['IR', 'Iran', '98', 10, '##########', 10],
  ['IT', 'Italy', '39', 10, '#####', 28],
  ['JP', 'Japan', '81', 10, '###-####', 30],
  ['KE', 'Kenya', '254', 9, '#####', 8],
  ['KR', 'Korea', '82', 10, '#####', 14],
  ['LA', "Lao People's Democratic Republic", '856', 10, '#####', 2],
  ['MA', 'Morocco', '212', 9, '#####', 7],
  ['MX', 'Mexico', '52', 10, '#####', 28],
  ['MY', 'Malaysia', '60', 9, '#####', 8],
  ['NG', 'Nigeria', '234', 10, '######', 26],
  ['NL', 'Netherlands', '31', 9, '#### ??', 14],
  ['NO', 'Norway', '47', 8, '####', 5],
  ['NZ', 'New Zealand', '64', 9, '####', 4],
  ['PE', 'Peru', '51', 9, '#####', 7],
  ['PH', 'Philippines', '63', 10, '####', 20],
  ['PK', 'Pakistan', '92', 10, '#####', 20],
  ['PL', 'Poland', '48', 9, '##-###', 16],
  ['PT', 'Portugal', '351', 9, '####-###', 6],
  ['RO', 'Romania', '40', 9, '######', 8],
  ['RS', 'Serbia', '381', 9, '#####', 4],
  ['RU', 'Russian Federation', '7', 10, '######', 24],
  ['SA', 'Saudi Arabia', '966', 9, '#####', 6],
  ['SE', 'Sweden', '46', 9, '### ##', 8],
  ['SG', 'Singapore', '65', 8, '######', 4],
  ['SI', 'Slovenia', '386', 8, '####', 2],
  ['SK', 'Slovakia (Slovak Republic)', '421', 9, '### ##', 5],
  ['TH', 'Thailand', '66', 9, '#####', 12],
  ['TL', 'Timor-Leste', '670', 8, '####', 1],
  ['TR', 'Turkey', '90', 10, '#####', 18],
  ['TW', 'Taiwan', '886', 9, '#####', 8],
  ['UA', 'Ukraine', '380', 9, '#####', 8],
  ['US', 'United States of America', '1', 10, '#####', 100],
  ['VN', 'Vietnam', '84', 9, '######', 18],
  ['ZA', 'South Africa', '27', 9, '####', 10],
];

/** Every country as often as it is met: draw from it. */
export const COUNTRIES: readonly Country[] = spreadByWeight(
  ROWS.map(([code, name, callingCode, nationalDigits, zipcode, weight]) => [
    { code, name, phone: `+${callingCode}!${'#'.repeat(nationalDigits - 1)}`, zipcode },
    weight,
  ]),
);
