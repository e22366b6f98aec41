import type { Fault } from './verdict.ts';

/** One sentence for people about a fault, with what was found and what was expected. */
export const explainFault = (fault: Fault): string => {
  switch (fault.code) {
    case 'client-not-found':
      return 'there is no such client';
    case 'client-not-active':
      return `the client is not active: its status is ${fault.status}`;
    case 'client-frozen':
      return 'the client is frozen: it saw two timestamps for one height, and verifies nothing any more';
    case 'unauthorized':
      return `${fault.account} may not submit proofs to this client`;
    case 'no-attestors':
      return 'the attestor set is empty';
    case 'quorum-out-of-range':
      return `quorum ${fault.minRequiredSigs} is not within 1..${fault.attestors}`;
    case 'duplicate-attestor':
      return `attestor ${fault.attestor} is listed twice`;
    case 'attestor-invalid':
      return `not an Ethereum address: ${fault.text.slice(0, 80)}`;
    case 'timestamp-zero':
      return 'the first timestamp is zero';
    case 'value-empty':
      return 'the value to prove is empty';
    case 'value-malformed':
      return `the value to prove does not hold one commitment of 32 bytes (it has ${fault.bytes})`;
    case 'path-length':
      return `the path must have ${fault.expected} element, got ${fault.got}`;
    case 'path-empty':
      return 'the path element is empty';
    case 'message-invalid':
      return `the message is not a valid update: ${fault.reason}`;
    case 'consensus-not-found':
      return `the client holds no timestamp for height ${fault.height}: update it first`;
    case 'proof-malformed':
      return `the proof does not decode: ${fault.reason}`;
    case 'data-malformed':
      return `the attested data does not decode: ${fault.reason}`;
    case 'signatures-empty':
      return 'the proof carries no signatures';
    case 'threshold-not-met':
      return `${fault.got} signatures, the quorum is ${fault.required}`;
    case 'signature-length':
      return `signature ${fault.index} has ${fault.signature.length} bytes instead of 65`;
    case 'signature-high-s':
      return `signature ${fault.index} has an s above half the curve order`;
    case 'signature-invalid':
      return `signature ${fault.index} recovers to no key (v, r or s is out of range)`;
    case 'unknown-signer':
      return `signature ${fault.index} is by ${fault.signer}, which is not in the attestor set (or signed other data)`;
    case 'duplicate-signer':
      return `signature ${fault.index} is a second one by ${fault.signer}`;
    case 'height-mismatch':
      return `the attestation is for height ${fault.got}, the proof is claimed for height ${fault.expected}`;
    case 'packets-empty':
      return 'the attestation lists no packets';
    case 'not-member':
      return 'the attestation has no such entry';
    case 'not-non-member':
      return 'the attestation says that something stands at the path';
    case 'not-verified-here':
      return 'the proof is empty, and nothing verified earlier in this transaction covers it';
    case 'state-invalid':
      return `height ${fault.height} and timestamp ${fault.timestampSec} must both be above zero`;
    case 'feature-not-supported':
      return fault.feature === 'misbehaviour'
        ? 'this client takes misbehaviour only as a conflicting update'
        : `this client cannot ${fault.feature}: create a new one`;
  }
};
