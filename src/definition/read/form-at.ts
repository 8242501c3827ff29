import { z } from 'zod';
import type { Path } from './document.js';

/** Any zod schema. */
type Form = z.core.$ZodType;

/** The schema at a path of a definition, or null; `data` selects the branch of a union. */
export function findForm(root: Form, data: unknown, path: Path): Form | null {
  let form: Form | null = unwrap(root, data);
  let value = data;
  for (const key of path) {
    if (form === null) return null;
    value = ownValue(value, key);
    form = stepInto(form, key, value);
  }
  return form;
}

/** The keys that a mapping may have; empty if any key is allowed. */
export function listKeys(form: Form | null): string[] {
  return form instanceof z.ZodObject ? Object.keys(form.shape) : [];
}

/** An own property of the value. */
export function ownValue(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

function stepInto(form: Form, key: string | number, value: unknown): Form | null {
  if (form instanceof z.ZodObject) {
    const inner: unknown = ownValue(form.shape, key);
    return inner instanceof z.ZodType ? unwrap(inner, value) : null;
  }
  if (form instanceof z.ZodRecord) return unwrap(form.valueType, value);
  if (form instanceof z.ZodArray) return unwrap(form.element, value);
  return null;
}

function unwrap(form: Form, value: unknown): Form {
  if (form instanceof z.ZodOptional || form instanceof z.ZodDefault || form instanceof z.ZodLazy) {
    return unwrap(form.unwrap(), value);
  }
  if (form instanceof z.ZodDiscriminatedUnion) {
    const tag = form.def.discriminator;
    const branch = form.options.find(
      (option) => z.safeParse(pickTag(option, tag), ownValue(value, tag)).success,
    );
    return branch ?? form;
  }
  return form;
}

function pickTag(option: Form, tag: string): Form {
  const inner: unknown = option instanceof z.ZodObject ? ownValue(option.shape, tag) : undefined;
  return inner instanceof z.ZodType ? inner : z.never();
}
