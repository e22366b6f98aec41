import { GuardError } from '../errors.ts';

const MAX_LENGTH = 1_000;

/** @throws GuardError `guard/invalid-input` */
export const parseReason = (reason: string): string => {
  const text = reason.trim();
  if (text !== '' && text.length <= MAX_LENGTH) return text;
  throw new GuardError('guard/invalid-input', `a reason of 1 to ${MAX_LENGTH} characters is needed`);
};
