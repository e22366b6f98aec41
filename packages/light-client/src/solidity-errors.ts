import { bytesToHex, type Hex, keccak256, utf8ToBytes } from '@interchain-attestation/core';
import type { ChainError, Fault } from './verdict.ts';

/** keccak256("PROOF_SUBMITTER_ROLE"), the role that the Solidity client asks for. */
export const PROOF_SUBMITTER_ROLE: Hex = bytesToHex(keccak256(utf8ToBytes('PROOF_SUBMITTER_ROLE')));

const error = (errorName: string, ...args: ChainError['args']): ChainError => ({ errorName, args });

/** What `abi.decode` does with input it does not take: it reverts without data. */
const EMPTY_REVERT: ChainError = { errorName: null, args: [] };

/** Names a fault as the Solidity light client does. Source: wire format, section 3, Solidity surface. */
export const reportSolidity = (fault: Fault): ChainError => {
  switch (fault.code) {
    case 'client-frozen':
      return error('FrozenClientState');
    case 'unauthorized':
      return error('AccessControlUnauthorizedAccount', fault.account, PROOF_SUBMITTER_ROLE);
    case 'no-attestors':
      return error('NoAttestors');
    case 'quorum-out-of-range':
      return error('BadQuorum', fault.minRequiredSigs, BigInt(fault.attestors));
    case 'duplicate-attestor':
      return error('DuplicateSigner', fault.attestor);
    case 'value-empty':
      return error('EmptyValue');
    case 'value-malformed':
    case 'proof-malformed':
    case 'data-malformed':
      return EMPTY_REVERT;
    case 'path-length':
      return error('InvalidPathLength', BigInt(fault.expected), BigInt(fault.got));
    case 'consensus-not-found':
      return error('ConsensusTimestampNotFound', fault.height);
    case 'signatures-empty':
      return error('EmptySignatures');
    case 'threshold-not-met':
      return error('ThresholdNotMet', BigInt(fault.got), fault.required);
    case 'signature-length':
      return error('InvalidSignatureLength', bytesToHex(fault.signature));
    case 'signature-high-s':
      return error('ECDSAInvalidSignatureS', bytesToHex(fault.s));
    case 'signature-invalid':
      return error('ECDSAInvalidSignature');
    case 'unknown-signer':
      return error('UnknownSigner', fault.signer);
    case 'duplicate-signer':
      return error('DuplicateSigner', fault.signer);
    case 'height-mismatch':
      return error('HeightMismatch', fault.expected, fault.got);
    case 'packets-empty':
      return error('EmptyPackets');
    case 'not-member':
      return error('NotMember');
    case 'not-non-member':
      return error('NotNonMember');
    case 'not-verified-here':
      return error('NotVerifiedInTransaction', fault.height, bytesToHex(fault.pathHash));
    case 'state-invalid':
      return error('InvalidState', fault.height, fault.timestampSec);
    case 'feature-not-supported':
      // The contract has no function for the others: such a call reverts before any code of the client runs.
      return fault.feature === 'misbehaviour' ? error('FeatureNotSupported') : EMPTY_REVERT;
    // Of rules that the contract does not have.
    case 'client-not-found':
    case 'client-not-active':
    case 'attestor-invalid':
    case 'timestamp-zero':
    case 'path-empty':
    case 'message-invalid':
      return EMPTY_REVERT;
  }
};
