import { equalBytes, utf8ToBytes } from '../bytes.ts';
import { UNIVERSAL_ERROR_ACK } from '../commitment.ts';

/** The one acknowledgement of a successful transfer: `{"result":"AQ=="}`. */
export const ICS20_SUCCESS_ACK: Uint8Array = utf8ToBytes('{"result":"AQ=="}');

/** What an acknowledgement says about a transfer. */
export type Ics20AckOutcome =
  | { readonly outcome: 'success' }
  | { readonly outcome: 'error'; readonly message: string }
  | { readonly outcome: 'unknown' };

/** True for the universal error acknowledgement, which stands for any application's failed receive. */
export const isUniversalErrorAck = (ack: Uint8Array): boolean => equalBytes(ack, UNIVERSAL_ERROR_ACK);

const errorMessage = (ack: Uint8Array): string | undefined => {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(ack));
    if (typeof parsed !== 'object' || parsed === null || !('error' in parsed) || 'result' in parsed) return undefined;
    return typeof parsed.error === 'string' ? parsed.error : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Tells a transfer's acknowledgements apart: success, error (the universal one, or the older JSON `{"error": …}`), or
 * something else. A chain refunds everything but success.
 */
export const classifyIcs20Ack = (ack: Uint8Array): Ics20AckOutcome => {
  if (equalBytes(ack, ICS20_SUCCESS_ACK)) return { outcome: 'success' };
  if (isUniversalErrorAck(ack)) return { outcome: 'error', message: 'universal error acknowledgement' };
  const message = errorMessage(ack);
  return message === undefined ? { outcome: 'unknown' } : { outcome: 'error', message };
};
