import type { CallKind } from './policy.ts';
import type { ChainError, Fault } from './verdict.ts';

const error =
  (codespace: string) =>
  (code: number, errorName: string): ChainError => ({ errorName, args: [], abci: { codespace, code } });

const attestations = error('attestations');
const client = error('client');
const ibc = error('ibc');
const sdk = error('sdk');

const INVALID_SIGNATURE = attestations(3, 'ErrInvalidSignature');
const INVALID_DATA = attestations(7, 'ErrInvalidAttestationData');
const INVALID_PATH = attestations(12, 'ErrInvalidPath');
const INVALID_CLIENT = client(3, 'ErrInvalidClient');
const INVALID_REQUEST = ibc(8, 'ErrInvalidRequest');

/** A message that does not decode never reaches the client: the transaction around it is refused. */
const TX_DECODE = sdk(2, 'ErrTxDecode');
/** What the SDK makes of a panic. */
const PANIC = sdk(111_222, 'ErrPanic');

/** Names a fault as ibc-go does: error, codespace and code. Source: wire format, section 3. */
export const reportIbcGo = (fault: Fault, call: CallKind): ChainError => {
  switch (fault.code) {
    case 'client-not-found':
      return client(4, 'ErrClientNotFound');
    case 'client-not-active':
      return client(29, 'ErrClientNotActive');
    case 'client-frozen':
      return attestations(10, 'ErrClientFrozen');
    case 'unauthorized':
      return ibc(2, 'ErrUnauthorized');
    case 'no-attestors':
    case 'quorum-out-of-range':
    case 'duplicate-attestor':
    case 'attestor-invalid':
      return INVALID_CLIENT;
    case 'timestamp-zero':
      return client(8, 'ErrInvalidConsensus');
    case 'message-invalid':
      return client(12, 'ErrInvalidHeader');
    case 'proof-malformed':
      return call === 'update' ? TX_DECODE : attestations(2, 'ErrInvalidAttestationProof');
    case 'data-malformed':
      // An update whose data was signed, and is no state: CheckForMisbehaviour panics.
      return call === 'update' ? PANIC : INVALID_DATA;
    case 'value-empty':
    case 'packets-empty':
      return INVALID_DATA;
    case 'value-malformed':
      return attestations(13, 'ErrInvalidValue');
    case 'path-length':
    case 'path-empty':
      return INVALID_PATH;
    case 'consensus-not-found':
      return client(7, 'ErrConsensusStateNotFound');
    case 'signatures-empty':
    case 'signature-length':
    case 'signature-high-s':
    case 'signature-invalid':
      return INVALID_SIGNATURE;
    case 'threshold-not-met':
      return attestations(4, 'ErrInvalidQuorum');
    case 'duplicate-signer':
      return attestations(5, 'ErrDuplicateSigner');
    case 'unknown-signer':
      return attestations(6, 'ErrUnknownSigner');
    case 'height-mismatch':
      return attestations(8, 'ErrInvalidHeight');
    case 'not-member':
      return attestations(11, 'ErrNotMember');
    case 'not-non-member':
      return attestations(17, 'ErrNonMembershipFailed');
    case 'feature-not-supported':
      return call === 'upgrade' ? client(25, 'ErrInvalidUpgradeClient') : INVALID_REQUEST;
    // Of rules that ibc-go does not have.
    case 'not-verified-here':
      return attestations(2, 'ErrInvalidAttestationProof');
    case 'state-invalid':
      return attestations(9, 'ErrInvalidTimestamp');
  }
};
