import { fromBinary } from '@bufbuild/protobuf';
import { attestations } from '@interchain-attestation/proto';
import { type Address, bytesToHex, concatHex, decodeAbiParameters, keccak256, recoverAddress, sha256 } from 'viem';
import type { BenchProof, BenchSetup } from './proofs.ts';

const PACKETS = [
  {
    type: 'tuple',
    components: [
      { name: 'height', type: 'uint64' },
      {
        name: 'packets',
        type: 'tuple[]',
        components: [
          { name: 'path', type: 'bytes32' },
          { name: 'commitment', type: 'bytes32' },
        ],
      },
    ],
  },
] as const;

/** The same check as one writes it with viem and protobuf-es: decode all of it, recover, compare. */
const verify = async (setup: BenchSetup, { proof, path, value }: BenchProof): Promise<boolean> => {
  const { attestationData, signatures } = fromBinary(attestations.AttestationProofSchema, proof);
  if (signatures.length < setup.signatures) return false;
  const hash = sha256(concatHex(['0x02', sha256(attestationData)]));
  const seen = new Set<Address>();
  for (const signature of signatures) {
    const signer = await recoverAddress({ hash, signature: bytesToHex(signature) });
    if (seen.has(signer) || !setup.attestors.includes(signer)) return false;
    seen.add(signer);
  }
  const [{ height, packets }] = decodeAbiParameters(PACKETS, attestationData);
  const pathHash = keccak256(path);
  const commitment = bytesToHex(value);
  return (
    height === setup.height && packets.some((packet) => packet.path === pathHash && packet.commitment === commitment)
  );
};

/** Nanoseconds of processor time a proof, over `count` proofs. */
export const timeViem = async (setup: BenchSetup, count: number): Promise<number> => {
  const started = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const proof = setup.proofs[i % setup.proofs.length];
    if (proof === undefined || !(await verify(setup, proof))) throw new Error('a proof does not verify');
  }
  const { user, system } = process.cpuUsage(started);
  return ((user + system) * 1_000) / count;
};
