import { concatHex, encodeAbiParameters, encodeFunctionData, encodePacked, type Hex, keccak256, toHex } from 'viem';
import { ics26RouterArtifact } from '../../src/artifacts.ts';
import { type Attestors, attestPackets, attestState, commitmentPath, sha256 } from './attestors.ts';
import { type Deployment, minimalPort } from './deployment.ts';

export interface Payload {
  readonly sourcePort: string;
  readonly destPort: string;
  readonly version: string;
  readonly encoding: string;
  readonly value: Hex;
}

export interface Packet {
  readonly sequence: bigint;
  readonly sourceClient: string;
  readonly destClient: string;
  readonly timeoutTimestamp: bigint;
  readonly payloads: readonly Payload[];
}

const ascii = (text: string): Hex => toHex(text);

/** sha256(0x02 || sha256(destClient) || sha256(be64(timeout)) || sha256(payload hashes)). */
export function packetCommitment(packet: Packet): Hex {
  const payloads = packet.payloads.map(({ sourcePort, destPort, version, encoding, value }) =>
    sha256(
      concatHex([sourcePort, destPort, version, encoding].map((text) => sha256(ascii(text))).concat(sha256(value))),
    ),
  );
  const timeout = encodePacked(['uint64'], [packet.timeoutTimestamp]);
  return sha256(concatHex(['0x02', sha256(ascii(packet.destClient)), sha256(timeout), sha256(concatHex(payloads))]));
}

/** A payload of 192 bytes for the app that does nothing. No zero byte, so that calldata costs what it can cost. */
export function minimalPayload(sequence: bigint): Payload {
  const words = Array.from({ length: 6 }, (_, i) => keccak256(toHex(`${sequence}/${i}`)));
  const value = concatHex(words).replaceAll('00', '01') as Hex;
  return {
    sourcePort: minimalPort,
    destPort: minimalPort,
    version: 'v1',
    encoding: 'application/octet-stream',
    value: `0x${value.slice(2)}`,
  };
}

/** A transfer of a token of the other chain to a receiver of its own. */
export function transferPayload(sequence: bigint): Payload {
  const account = (seed: string): Hex => `0x${keccak256(toHex(seed)).slice(26)}`;
  const data = [account('token'), account('from'), account(`to ${sequence}`), 10n ** 18n, ''];
  const types = ['string', 'string', 'string', 'uint256', 'string'].map((type) => ({ type }));
  return {
    sourcePort: 'transfer',
    destPort: 'transfer',
    version: 'ics20-1',
    encoding: 'application/x-solidity-abi',
    value: encodeAbiParameters([{ type: 'tuple', components: types }], [data]),
  };
}

/** Calldata of `multicall([updateClient, n x recvPacket])`, where only the first packet carries the proof. */
export async function batchCalldata(
  deployment: Deployment,
  attestors: Attestors,
  batch: { height: bigint; timestampSec: bigint; packets: readonly Packet[] },
): Promise<Hex> {
  const { abi } = ics26RouterArtifact;
  const { height, timestampSec, packets } = batch;
  const entries = packets.map((packet) => ({
    path: keccak256(commitmentPath(packet.sourceClient, packet.sequence)),
    commitment: packetCommitment(packet),
  }));
  const proof = await attestPackets(attestors, height, entries);
  const calls = packets.map((packet, i) =>
    encodeFunctionData({
      abi,
      functionName: 'recvPacket',
      args: [
        {
          packet,
          proofCommitment: i === 0 ? proof : '0x',
          proofHeight: { revisionNumber: 0n, revisionHeight: height },
        },
      ],
    }),
  );
  const update = encodeFunctionData({
    abi,
    functionName: 'updateClient',
    args: [deployment.clientId, await attestState(attestors, height, timestampSec)],
  });
  return encodeFunctionData({ abi, functionName: 'multicall', args: [[update, ...calls]] });
}
