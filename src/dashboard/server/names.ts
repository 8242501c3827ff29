/** What a name in an address must look like before anything is done with it. */
export const PIPELINE = /^[a-z][a-z0-9_]{0,62}$/;
export const REPORT_CSV = /^([a-z][a-z0-9_]{0,62})\.csv$/;
export const RUN_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Of the day, `00` to `23`. */
export const HOUR = /^(?:[01]\d|2[0-3])$/;
export const YEAR = /^\d{4}$/;
