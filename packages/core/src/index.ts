export { AbiReader, throwNonCanonical } from './abi/reader.ts';
export { AbiWriter, padded } from './abi/writer.ts';
export { type Address, checksumAddress, parseAddress, publicKeyToAddressBytes } from './address.ts';
export {
  type AttestationProof,
  decodeAttestationProof,
  encodeAttestationProof,
  readAttestationProof,
} from './attestation-proof.ts';
export { type AttestorSet, createAttestorSet, isMinorityQuorum } from './attestor-set.ts';
export { larger, smaller } from './bigints.ts';
export {
  assertLength,
  assertUint64,
  bytesToHex,
  concatBytes,
  encodeUint64,
  equalBytes,
  type Hex,
  hexToBytes,
  isZeroBytes,
  MAX_UINT64,
  utf8ToBytes,
} from './bytes.ts';
export { ackCommitment, hashPayload, packetCommitment, UNIVERSAL_ERROR_ACK } from './commitment.ts';
export type { Secp256k1 } from './crypto/backend.ts';
export {
  AttestationError,
  CoreError,
  type CoreErrorCode,
  type ErrorOptions,
  isAttestationError,
  type MetaValue,
} from './errors.ts';
export { keccak256, sha256 } from './hash.ts';
export { classifyIcs20Ack, ICS20_SUCCESS_ACK, type Ics20AckOutcome, isUniversalErrorAck } from './ics20/ack.ts';
export { ICS20_PORT, ICS20_VERSION, type Ics20PacketData } from './ics20/data.ts';
export {
  type DenomHop,
  type DenomTrace,
  denomToBankDenom,
  parseDenomTrace,
  prefixDenom,
  receivedDenom,
  unwindDenom,
} from './ics20/denom.ts';
export {
  decodeIcs20PacketData,
  encodeIcs20PacketData,
  type Ics20Encoding,
  isIcs20Encoding,
} from './ics20/packet-data.ts';
export { type CommitmentKind, type CommitmentPath, encodePath, hashPath } from './ics24.ts';
export { decodePacket, encodePacket, type Packet, type Payload } from './packet.ts';
export {
  decodePacketAttestation,
  encodePacketAttestation,
  type PacketAttestation,
  type PacketAttestationView,
  type PacketCompact,
  packetCompactAt,
  viewPacketAttestation,
} from './packet-attestation.ts';
export {
  type AcceptedSignature,
  type QuorumFault,
  type QuorumSelection,
  type RejectedSignature,
  selectQuorum,
} from './quorum.ts';
export {
  type AttestationKind,
  privateKeyToAddress,
  type Recovered,
  recoverAddressBytes,
  recoverSigner,
  type SignatureFault,
  type SignatureRules,
  STRICT_SIGNATURE_RULES,
  signDigest,
  signingDigest,
  signingPreimage,
  verifySignature,
} from './signing.ts';
export {
  decodeStateAttestation,
  encodeStateAttestation,
  readStateAttestation,
  type StateAttestation,
} from './state-attestation.ts';
