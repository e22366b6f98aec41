import { encodeDeployData, encodeFunctionData, type Hex, keccak256, toHex } from 'viem';
import { attestationLightClientArtifact, gasProbeArtifact } from '../../src/artifacts.ts';
import { type Attestors, attestPackets, attestState } from './attestors.ts';

export const initialHeight = 100n;
export const initialTimestampSec = 1_700_000_000n;
const zeroAddress: Hex = '0x0000000000000000000000000000000000000000';
const zeroCommitment: Hex = `0x${'00'.repeat(32)}`;

/** A call to a light client, as calldata for the client itself and for the probe that constructs one first. */
export interface ClientCall {
  readonly direct: Hex;
  readonly probed: Hex;
}

/** Creation code of a client for a set, with open submission. */
export function clientCreation({ addresses, quorum }: Attestors): Hex {
  const { abi, bytecode } = attestationLightClientArtifact;
  const args = [addresses, quorum, initialHeight, initialTimestampSec, zeroAddress] as const;
  return encodeDeployData({ abi, bytecode, args });
}

/** An update to the next height. */
export async function updateCall(attestors: Attestors): Promise<ClientCall> {
  const update = await attestState(attestors, initialHeight + 1n, initialTimestampSec + 1n);
  const { abi } = attestationLightClientArtifact;
  return {
    direct: encodeFunctionData({ abi, functionName: 'updateClient', args: [update] }),
    probed: encodeFunctionData({
      abi: gasProbeArtifact.abi,
      functionName: 'update',
      args: [clientCreation(attestors), update],
    }),
  };
}

/** A proof of the last of `count` entries. */
export async function membershipCall(attestors: Attestors, count: number): Promise<ClientCall> {
  const paths = pathsOf(count);
  const entries = paths.map((path) => ({ path: keccak256(path), commitment: keccak256(path) }));
  const path = paths.at(-1) as Hex;
  const msg = {
    proof: await attestPackets(attestors, initialHeight, entries),
    proofHeight: { revisionNumber: 0n, revisionHeight: initialHeight },
    path: [path],
    value: keccak256(path),
  };
  const { abi } = attestationLightClientArtifact;
  return {
    direct: encodeFunctionData({ abi, functionName: 'verifyMembership', args: [msg] }),
    probed: encodeFunctionData({
      abi: gasProbeArtifact.abi,
      functionName: 'membership',
      args: [clientCreation(attestors), msg],
    }),
  };
}

/** A proof that the last of `count` paths, all absent, holds nothing. */
export async function nonMembershipCall(attestors: Attestors, count: number): Promise<ClientCall> {
  const paths = pathsOf(count);
  const entries = paths.map((path) => ({ path: keccak256(path), commitment: zeroCommitment }));
  const msg = {
    proof: await attestPackets(attestors, initialHeight, entries),
    proofHeight: { revisionNumber: 0n, revisionHeight: initialHeight },
    path: [paths.at(-1) as Hex],
  };
  const { abi } = attestationLightClientArtifact;
  return {
    direct: encodeFunctionData({ abi, functionName: 'verifyNonMembership', args: [msg] }),
    probed: encodeFunctionData({
      abi: gasProbeArtifact.abi,
      functionName: 'nonMembership',
      args: [clientCreation(attestors), msg],
    }),
  };
}

function pathsOf(count: number): Hex[] {
  return Array.from({ length: count }, (_, i) => toHex(`packet-path ${i}`));
}
