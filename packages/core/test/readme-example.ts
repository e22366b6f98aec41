import {
  createAttestorSet,
  encodeAttestationProof,
  encodePacketAttestation,
  hashPath,
  type Packet,
  packetCommitment,
  privateKeyToAddress,
  selectQuorum,
  sha256,
  signDigest,
  signingDigest,
} from '@interchain-attestation/core';

const keys = [1, 2, 3].map((i) => sha256(Uint8Array.of(i)));
const packet: Packet = {
  sequence: 1n,
  sourceClient: 'client-0',
  destClient: 'client-1',
  timeoutTimestampSec: 1_800_000_000n,
  payloads: [],
};

// What an attestor states and signs …
const path = hashPath({ kind: 'packet', clientId: packet.sourceClient, sequence: packet.sequence });
const data = encodePacketAttestation({ height: 100n, packets: [{ path, commitment: packetCommitment(packet) }] });
const digest = signingDigest('packet', data);
const answers = keys.map((key) => signDigest(digest, key));

// … and what becomes of the answers: exactly two of them, of attestors that the client knows.
const set = createAttestorSet(
  keys.map((key) => privateKeyToAddress(key)),
  2,
);
const quorum = selectQuorum(
  set,
  digest,
  [answers[0], answers[0], answers[2]].flatMap((answer) => answer ?? []),
);
const signatures = quorum.accepted.map(({ signature }) => signature);
export const proof: Uint8Array = encodeAttestationProof({ attestationData: data, signatures });
