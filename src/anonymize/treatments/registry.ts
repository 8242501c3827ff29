import type { Treatment } from '../treatment.js';
import { bucket } from './bucket.js';
import { emailDomain } from './email-domain.js';
import { fake } from './fake.js';
import { firstPresent } from './first-present.js';
import { flag } from './flag.js';
import { keep } from './keep.js';
import { maskEmail } from './mask-email.js';
import { mask } from './mask.js';
import { prefix } from './prefix.js';
import { redact } from './redact.js';
import { round } from './round.js';
import { shiftDate } from './shift-date.js';
import { sql } from './sql.js';
import { token } from './token.js';
import { truncateDate } from './truncate-date.js';

/** Every treatment by its name in a definition. */
export const TREATMENTS: ReadonlyMap<string, Treatment> = new Map(
  [
    keep,
    firstPresent,
    redact,
    mask,
    maskEmail,
    emailDomain,
    token,
    prefix,
    round,
    truncateDate,
    bucket,
    fake,
    flag,
    shiftDate,
    sql,
  ].map((treatment) => [treatment.name, treatment]),
);
