import { ics26RouterAbi } from '@interchain-attestation/contracts';
import {
  type AttestationProof,
  bytesToHex,
  decodeAttestationProof,
  decodePacketAttestation,
  decodeStateAttestation,
  hexToBytes,
  recoverSigner,
  signingDigest,
} from '@interchain-attestation/core';
import { decodeFunctionData, type Hex } from 'viem';

export interface DecodedCall {
  readonly name: string;
  readonly sequence: bigint | undefined;
  readonly proof: AttestationProof | undefined;
  readonly height: bigint | undefined;
}

const proofFrom = (hex: Hex): AttestationProof | undefined =>
  hex === '0x' ? undefined : decodeAttestationProof(hexToBytes(hex));

/** Reads a transaction with the router's own ABI, through a second implementation (viem). */
export const decodeTx = (tx: Uint8Array): readonly DecodedCall[] => {
  const outer = decodeFunctionData({ abi: ics26RouterAbi, data: bytesToHex(tx) });
  if (outer.functionName !== 'multicall') throw new Error(`not a multicall: ${outer.functionName}`);
  return outer.args[0].map((data): DecodedCall => {
    const call = decodeFunctionData({ abi: ics26RouterAbi, data });
    switch (call.functionName) {
      case 'updateClient':
        return { name: 'updateClient', sequence: undefined, proof: proofFrom(call.args[1]), height: undefined };
      case 'recvPacket': {
        const [{ packet, proofCommitment, proofHeight }] = call.args;
        const height = proofHeight.revisionHeight;
        return { name: 'recvPacket', sequence: packet.sequence, proof: proofFrom(proofCommitment), height };
      }
      case 'ackPacket': {
        const [{ packet, proofAcked, proofHeight }] = call.args;
        const height = proofHeight.revisionHeight;
        return { name: 'ackPacket', sequence: packet.sequence, proof: proofFrom(proofAcked), height };
      }
      case 'timeoutPacket': {
        const [{ packet, proofTimeout, proofHeight }] = call.args;
        const height = proofHeight.revisionHeight;
        return { name: 'timeoutPacket', sequence: packet.sequence, proof: proofFrom(proofTimeout), height };
      }
      default:
        throw new Error(`unexpected call ${call.functionName}`);
    }
  });
};

/** Addresses that signed a proof. */
export const signersOf = (kind: 'state' | 'packet', proof: AttestationProof): readonly string[] => {
  const digest = signingDigest(kind, proof.attestationData);
  return proof.signatures.map((signature) => {
    const recovered = recoverSigner(digest, signature);
    return recovered.ok ? recovered.address : recovered.fault;
  });
};

export { decodePacketAttestation, decodeStateAttestation };
