// The second implementation that the decoders are compared with: viem's ABI codec, from the Solidity types.
import {
  type AttestationProof,
  bytesToHex,
  hexToBytes,
  type Ics20PacketData,
  type Packet,
  type PacketAttestation,
  type StateAttestation,
} from '@interchain-attestation/core';
import { encodeAbiParameters, parseAbiParameters } from 'viem';

const STATE = parseAbiParameters(['State s', 'struct State { uint64 height; uint64 timestamp; }']);
const PACKETS = parseAbiParameters([
  'Packets p',
  'struct Packets { uint64 height; Compact[] packets; }',
  'struct Compact { bytes32 path; bytes32 commitment; }',
]);
const PROOF = parseAbiParameters(['Proof p', 'struct Proof { bytes attestationData; bytes[] signatures; }']);
const PACKET = parseAbiParameters([
  'Packet p',
  'struct Packet { uint64 sequence; string sourceClient; string destClient; uint64 timeoutTimestamp; Payload[] payloads; }',
  'struct Payload { string sourcePort; string destPort; string version; string encoding; bytes value; }',
]);
const ICS20 = parseAbiParameters([
  'Data d',
  'struct Data { string denom; string sender; string receiver; uint256 amount; string memo; }',
]);

export const viemState = ({ height, timestampSec }: StateAttestation): Uint8Array =>
  hexToBytes(encodeAbiParameters(STATE, [{ height, timestamp: timestampSec }]));

export const viemPackets = ({ height, packets }: PacketAttestation): Uint8Array =>
  hexToBytes(
    encodeAbiParameters(PACKETS, [
      { height, packets: packets.map((p) => ({ path: bytesToHex(p.path), commitment: bytesToHex(p.commitment) })) },
    ]),
  );

export const viemProof = ({ attestationData, signatures }: AttestationProof): Uint8Array =>
  hexToBytes(
    encodeAbiParameters(PROOF, [
      { attestationData: bytesToHex(attestationData), signatures: signatures.map((s) => bytesToHex(s)) },
    ]),
  );

export const viemPacket = (packet: Packet): Uint8Array =>
  hexToBytes(
    encodeAbiParameters(PACKET, [
      {
        ...packet,
        timeoutTimestamp: packet.timeoutTimestampSec,
        payloads: packet.payloads.map((p) => ({ ...p, value: bytesToHex(p.value) })),
      },
    ]),
  );

export const viemIcs20 = (data: Ics20PacketData): Uint8Array => hexToBytes(encodeAbiParameters(ICS20, [data]));
